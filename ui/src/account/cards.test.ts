import { describe, expect, it } from "vitest";

import { card, club, personal, planAccount, sameMail, work } from "../ipc/fake/fixtures/providers";
import { failure } from "../ipc/fake/scenarios";
import { accounts } from "../text/accounts/accounts";
import { canSignIn, nextAfter } from "./cards";

describe("an account in the list", () => {
  it("is distinguished from others with the same address", () => {
    const names = sameMail.map((one) => one.name);
    expect(new Set(names).size).toBe(names.length);
    expect(accounts.about(card(work, 0, { active: true }), 0, false)).toBe("ada@analytical.example. In use.");
    expect(accounts.about(card({ ...work, email: null }, 0), 0, false)).toBe("");
  });

  it("is named by its sign-in where one e-mail has both", () => {
    const plan = accounts.about(card(planAccount, 0), 0, true);
    expect(plan).toBe("ada@example.com. Continue with ChatGPT: for Usher only.");
    expect(accounts.about(card(personal, 0), 0, true)).toBe(
      "ada@example.com. Sign in with OpenAI: for your tools.",
    );
    const notAllowed = card({ ...planAccount, plan_use: "not_allowed" }, 0);
    expect(accounts.attention(notAllowed)).toBe("Usher may not use your ChatGPT plan.");
  });

  it("offers a new sign-in only when that helps", () => {
    expect(canSignIn(card(work, 0, { attention: failure("sign_in_expired") }))).toBe(true);
    expect(canSignIn(card(work, 0, { attention: failure("account_problem") }))).toBe(false);
    expect(canSignIn(card(work, 0))).toBe(false);
  });

  it("passes the focus on when it is removed", () => {
    const cards = [personal, work, club].map((one) => card(one, 0));
    expect(nextAfter(cards, work.id)).toBe(club.id);
    expect(nextAfter(cards, club.id)).toBe(work.id);
    expect(nextAfter(cards.slice(0, 1), personal.id)).toBeNull();
  });
});
