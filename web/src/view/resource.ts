import { useEffect, useMemo } from "preact/hooks";
import { connection } from "../state/connection";
import { Resource } from "../state/resource";

/** Reads something for as long as the component is there. Keyed components read anew. */
export function useResource<T>(get: (signal: AbortSignal) => Promise<T>): Resource<T> {
  const resource = useMemo(() => new Resource(get), []);
  useEffect(() => () => resource.close(), [resource]);
  useEffect(() => connection.subscribe(state => state === "live" && void resource.retry()), [resource]);
  return resource;
}
