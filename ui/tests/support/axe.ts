// axe-core in the page, by the WCAG 2.2 A and AA rules. Injected past the content policy by the debugger.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

import { expect, type Page } from "@playwright/test";

import { expectSettled } from "./settled";

const source = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

interface Violation {
  id: string;
  nodes: { target: string[]; failureSummary: string }[];
}

const levels = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

export const expectAccessible = (page: Page) => expectNoViolation(page, { type: "tag", values: levels });

/** Expects that all texts can be read on their background. */
export const expectContrast = (page: Page) =>
  expectNoViolation(page, { type: "rule", values: ["color-contrast"] });

async function expectNoViolation(page: Page, runOnly: object): Promise<void> {
  if (!(await page.evaluate(() => "axe" in window))) await page.evaluate(source);
  // A text that appears is half transparent, and has another contrast.
  await expectSettled(page);
  const found = await page.evaluate(async (rules) => {
    const { axe } = window as unknown as {
      axe: { run(root: Document, options: object): Promise<{ violations: Violation[] }> };
    };
    const { violations } = await axe.run(document, { runOnly: rules });
    return violations.map(({ id, nodes }) => ({
      id,
      nodes: nodes.map((node) => `${node.target.join(" ")}: ${node.failureSummary}`),
    }));
  }, runOnly);
  expect(found).toEqual([]);
}
