// Explains how Usher signs in, who pays, and who governs the data. Loaded when it is opened.

import * as m from "#messages";

export const learnMore = {
  routesTitle: m.learn_more_routes_title(),
  /** Two sentences for each. */
  codexClient: [m.learn_more_codex_client_use(), m.learn_more_codex_client_approval()],
  planUsage: [m.learn_more_plan_usage_use(), m.learn_more_plan_usage_approval()],
  password: m.learn_more_password(),
  planTitle: m.learn_more_plan_title(),
  plan: m.learn_more_plan(),
  cloud: m.learn_more_cloud(),
  ci: m.learn_more_ci(),
  linkPlans: m.learn_more_link_plans(),
  linkModels: m.learn_more_link_models(),
  linkUsage: m.learn_more_link_usage(),
  codex: m.learn_more_codex(),
  keyPays: m.learn_more_key_pays(),
  keySafe: m.learn_more_key_safe(),
  linkKeys: m.learn_more_link_keys(),
  linkBilling: m.learn_more_link_billing(),
  linkGuide: m.learn_more_link_guide(),
};
