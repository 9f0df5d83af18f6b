/** A text that can be a field's value: nothing in it ends the line or leaves Latin-1 (RFC 9110 section 5.5). */
export function isSoundValue(text: string): boolean {
  return /^[\t\x20-\x7e\x80-\xff]*$/.test(text) && text.trim() === text;
}
