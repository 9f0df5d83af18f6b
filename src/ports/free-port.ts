const advised = new Map<string, Promise<number>>();

/**
 * A TCP port that is free at this moment, one of the preferred ones if possible. Only for advice: nobody holds it. The same
 * question gets the same answer, so that the two addresses of one instance are advised alike.
 */
export function freePort(preferred: readonly number[]): Promise<number> {
  const question = preferred.join();
  const answer =
    advised.get(question) ?? import("get-port").then(({ default: getPort }) => getPort({ port: preferred }));
  advised.set(question, answer);
  return answer;
}
