import type { Refusal } from "./request.ts";

export const TOO_SLOW: Refusal = { status: 408, why: "the request did not come in time" };
export const CUT_SHORT: Refusal = { status: 400, why: "the request is not complete" };
export const GOING_DOWN: Refusal = { status: 503, why: "the service is stopping" };
export const TOO_MANY: Refusal = { status: 503, why: "there are too many connections" };
