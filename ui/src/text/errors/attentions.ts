// The texts of failures in notices.

import * as m from "#messages";

import type { ErrorCode } from "../../ipc/bindings";
import { failures, type FailureText } from "./errors";

/** Titles of notices have no full stop. */
export const noticeTitle = (title: string) => title.replace(/[.。]$/, "");

/** The text of a notice for a failure, with another next step where there is one. */
const notice = (code: ErrorCode, next = failures[code].next): FailureText => ({
  ...failures[code],
  title: noticeTitle(failures[code].title),
  next,
});

/** Failures in the notice below the panel head. */
export const attentions: Record<ErrorCode, FailureText> = {
  ...failures,
  sign_in_expired: notice("sign_in_expired", m.attention_sign_in_expired_next()),
  sign_in_revoked: notice("sign_in_revoked", m.attention_sign_in_revoked_next()),
  sign_in_reused: notice("sign_in_reused", m.attention_sign_in_reused_next()),
  sign_in_moved: notice("sign_in_moved"),
  store_locked: notice("store_locked"),
  passphrase_needed: notice("passphrase_needed"),
  store_unavailable: notice("store_unavailable"),
  store_corrupt: notice("store_corrupt"),
  account_problem: notice("account_problem"),
};
