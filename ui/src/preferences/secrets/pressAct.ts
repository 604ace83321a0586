// Enter in a field of a dialog does what its button does.

export function pressAct(event: SubmitEvent): void {
  event.preventDefault();
  const form = event.currentTarget as HTMLElement;
  form.closest("dialog")?.querySelector<HTMLElement>("[data-act]")?.click();
}
