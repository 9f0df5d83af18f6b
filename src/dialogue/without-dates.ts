import type { Dialogue, Step, Template } from "./dialogue.ts";

const DAYS = "(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)";
const MONTHS = "(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)";
const TIME = "\\d\\d:\\d\\d:\\d\\d(?:\\.\\d+)?";

/** What services write of the present, in the forms of RFC 5322, RFC 9110, RFC 3339, RFC 3659, RFC 867 and C's asctime. */
const DATES = new RegExp(
  [
    `(?:${DAYS}, )?\\d{1,2} ${MONTHS} \\d{4} ${TIME}(?: [+-]\\d{4}| GMT)?`,
    `\\d{4}-\\d\\d-\\d\\d[T ]${TIME}(?:Z|[+-]\\d\\d:\\d\\d)?`,
    `${DAYS} ${MONTHS} [ \\d]\\d ${TIME} \\d{4}`,
    `[A-Z][a-z]+day, [A-Z][a-z]+ \\d{1,2}, \\d{4} ${TIME}-[A-Z]+`,
    "\\b20\\d{12}(?:\\.\\d+)?\\b",
  ].join("|"),
);

/** The same dialogue, where the service may say any date in place of each of its dates. */
export function withoutDates(dialogue: Dialogue): Dialogue {
  const steps = dialogue.steps.map((step): Step => {
    return step.type === "expect" ? { ...step, text: step.text.flatMap(anyDate) } : step;
  });
  return { ...dialogue, steps };
}

function anyDate(part: Template[number]): Template {
  if (typeof part !== "string") return [part];
  const parts: (string | { readonly name: string })[] = [];
  for (const [index, text] of part.split(DATES).entries()) {
    if (index > 0) parts.push({ name: "*" });
    if (text !== "") parts.push(text);
  }
  return parts;
}
