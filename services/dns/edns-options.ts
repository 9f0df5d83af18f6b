/** RFC 5001 section 2.1. */
export const NSID = 3;
/** RFC 7871 section 6. */
export const CLIENT_SUBNET = 8;
/** RFC 7873 section 4. */
export const COOKIE = 10;
/** RFC 8914 section 2. */
export const EXTENDED_ERROR = 15;
/** RFC 7828 section 3.1. */
export const TCP_KEEPALIVE = 11;
/** RFC 7830 section 3. */
export const PADDING = 12;
