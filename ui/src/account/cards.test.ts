import { describe, expect, it } from "vitest";

import { card, club, personal, sameMail, work } from "../ipc/fake/fixtures-providers";
import { failure } from "../ipc/fake/scenarios";
import { accounts } from "../text/accounts/accounts";
import { canSignIn, nextAfter } from "./cards";

describe("an account in the list", () => {
  it("is distinguished from others with the same address", () => {
    const names = sameMail.map((one) => one.name);
    expect(new Set(names).size).toBe(names.length);
    expect(accounts.about(card(work, 0, { active: true }), 0)).toBe("ada@analytical.example. In use.");
    expect(accounts.about(card({ ...work, email: null }, 0), 0)).toBe("");
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
