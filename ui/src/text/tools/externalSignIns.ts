// Texts about sign-ins of other programs on this computer.

import * as m from "#messages";

import type { ExternalSignInView } from "../../ipc/bindings";
import * as f from "../format";

function withEmail(email: string, message: (mark: string) => string): [string, string, string] {
  const [before, after] = f.around(message);
  return [before, email, after];
}

export const externalSignIns = {
  list: m.external_sign_ins_list(),
  /** Text before the e-mail address, the address, and text after it. */
  title: ({ program_name, email }: ExternalSignInView): [string, string, string] =>
    email === null
      ? [m.external_sign_ins_title({ programName: program_name }), "", ""]
      : withEmail(email, (mark) => m.external_sign_ins_title_as({ programName: program_name, email: mark })),
  /** Returns whether its access token has expired; only its own program refreshes it. */
  over: ({ expires_at, advice }: ExternalSignInView, now: number) =>
    advice === "link" && expires_at !== null && expires_at <= now,
  titleOver: ({ program_name, email }: ExternalSignInView): [string, string, string] =>
    email === null
      ? [m.external_sign_ins_over({ programName: program_name }), "", ""]
      : withEmail(email, (mark) => m.external_sign_ins_over_as({ programName: program_name, email: mark })),
  linkOver: ({ program_name }: ExternalSignInView) =>
    m.external_sign_ins_link_over({ programName: program_name }),
  trouble: ({ program_name, trouble }: ExternalSignInView) =>
    m.external_sign_ins_trouble({ programName: program_name, trouble: trouble ?? "" }),
  /** Text before and after the file name. */
  file: f.around((file) => m.external_sign_ins_file({ file })),
  where: ({ place, last_refresh }: ExternalSignInView, now: number) =>
    last_refresh === null
      ? m.external_sign_ins_where({ place })
      : m.external_sign_ins_where_renewed({
          place,
          day: f.dayNear(now, last_refresh),
          time: f.clock(last_refresh),
        }),
  link: ({ program_name }: ExternalSignInView) => m.external_sign_ins_link({ programName: program_name }),
  signIn: m.external_sign_ins_sign_in(),
  use: m.external_sign_ins_use(),
  useOf: ({ program_name }: ExternalSignInView) => m.external_sign_ins_use_of({ programName: program_name }),
  signInButton: m.external_sign_ins_sign_in_button(),
};
