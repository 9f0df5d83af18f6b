/** What the parameters of MAIL said. */
export interface MailParameters {
  /** RFC 1870: the declared size; 0 if none was. */
  size: number;
  /** RFC 6531: addresses may go beyond ASCII. */
  smtputf8: boolean;
}
