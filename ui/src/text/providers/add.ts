// Texts of Add provider, loaded with its panel.

import * as m from "#messages";

export const add = {
  title: m.add_title(),
  about: m.add_about(),
  kinds: m.add_kinds(),
  signIn: m.add_sign_in(),
  account: m.add_account(),
  accountAbout: m.add_account_about(),
  planUsageAbout: m.add_plan_usage_about(),
  codex: "Codex CLI",
  codexAbout: m.add_codex_about(),
  added: m.add_added(),
  key: m.add_key(),
  keyAbout: m.add_key_about(),
  endpoint: m.add_endpoint(),
  endpointAbout: m.add_endpoint_about(),
};
