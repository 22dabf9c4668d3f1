// What stands in the place of something that is not there: not yet, not at all, or no longer.

import type { ComponentChildren } from "preact";
import type { ApiError } from "../api";
import type { Resource } from "../state/resource";
import { Icon, type IconName } from "./icons";

interface NothingProps {
  icon: IconName;
  title: string;
  children?: ComponentChildren;
  alert?: boolean;
}

export function Nothing({ icon, title, children, alert = false }: NothingProps) {
  return (
    <div class="nothing" role={alert ? "alert" : undefined}>
      <Icon name={icon} />
      <p class="nothing-title">{title}</p>
      {children}
    </div>
  );
}

/** Seen only if it takes longer than a moment. */
export function Loading() {
  return <p class="loading">Loading…</p>;
}

export function Failed({ error, retry }: { error: ApiError; retry: () => void }) {
  return (
    <Nothing icon="warning" title={error.message} alert>
      <button type="button" class="button" onClick={retry}>
        Try again
      </button>
    </Nothing>
  );
}

interface LoadedProps<T> {
  resource: Resource<T>;
  children: (data: T) => ComponentChildren;
}

/** Draws what was read, or why it is not there. */
export function Loaded<T>({ resource, children }: LoadedProps<T>) {
  const state = resource.state.value;
  if (state.status === "loading") return <Loading />;
  if (state.status === "failed")
    return <Failed error={state.error} retry={() => resource.load()} />;
  return <>{children(state.data)}</>;
}
