import { chargen } from "./chargen/index.ts";
import { daytime } from "./daytime/index.ts";
import { discard } from "./discard/index.ts";
import { dns } from "./dns/index.ts";
import { dot } from "./dot/index.ts";
import { echo } from "./echo/index.ts";
import { ftp } from "./ftp/index.ts";
import { http } from "./http/index.ts";
import { https } from "./https/index.ts";
import { qotd } from "./qotd/index.ts";
import { smtp } from "./smtp/index.ts";
import { ssh } from "./ssh/index.ts";
import { time } from "./time/index.ts";

/** Every service, by name, in the order of their ports. */
export const services = {
  echo,
  discard,
  daytime,
  qotd,
  chargen,
  ftp,
  ssh,
  smtp,
  time,
  dns,
  http,
  https,
  dot,
} as const;

export type ServiceName = keyof typeof services;
