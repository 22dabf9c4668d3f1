import { overlay } from "../commands";
import type { FaultPlan, FaultRule } from "../api";
import { navigate } from "../route";
import { actText, bare, moved, presets, whenText } from "../state/fault-rules";
import { editing, faultsOf, plan, removePlan, storeNow } from "../state/faults";
import { count } from "./format";
import { Icon, type IconName } from "./icons";
import { InboxChoice, PageHead } from "./page-head";
import { Loaded } from "./state";

function edit(index: number): void {
  editing.value = index;
  overlay.value = "fault";
}

function Action({ label, icon, run }: { label: string; icon: IconName; run(): void }) {
  return (
    <button type="button" class="icon-button" aria-label={label} title={label} onClick={run}>
      <Icon name={icon} />
    </button>
  );
}

function Rule({ rule, index, all }: { rule: FaultRule; index: number; all: FaultPlan }) {
  const { seed, rules } = all;
  const name = `rule ${index + 1}`;
  const put = (next: FaultRule[]) => void storeNow({ seed, rules: bare(next) });
  return (
    <li class="fault">
      <button type="button" class="fault-text" onClick={() => edit(index)}>
        <span class="fault-when">{whenText(rule)}</span>
        <span class="fault-act">{actText(rule)}</span>
      </button>
      <span class="fault-hits" data-any={(rule.hits ?? 0) > 0 || undefined}>
        {count(rule.hits ?? 0, "hit")}
      </span>
      {index > 0 && (
        <Action label={`Move ${name} up`} icon="up" run={() => put(moved(rules, index, index - 1))} />
      )}
      <Action
        label={`Delete ${name}`}
        icon="trash"
        run={() => put(rules.filter((_, other) => other !== index))}
      />
    </li>
  );
}

function Rules({ all }: { all: FaultPlan }) {
  if (!all.in_force)
    return <p class="faults-none">No plan: every session goes as it should.</p>;
  if (all.rules.length === 0) return <p class="faults-none">A plan without rules: no faults here.</p>;
  return (
    <ol class="fault-list" aria-label="Rules">
      {all.rules.map((rule, index) => (
        <Rule key={index} rule={rule} index={index} all={all} />
      ))}
    </ol>
  );
}

function Presets() {
  return (
    <section class="fault-presets" aria-labelledby="presets-title">
      <h2 id="presets-title">Presets</h2>
      <p class="form-hint">One takes the place of the rules there are.</p>
      <ul>
        {presets.map(([preset, title, hint]) => (
          <li key={preset}>
            <button type="button" onClick={() => void storeNow({ preset })}>
              <strong>{title}</strong>
              <span>{hint}</span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Head() {
  return (
    <PageHead title="Faults" note="Failures on purpose, the same each time">
      <InboxChoice
        label="Whose plan"
        all="All sessions"
        value={faultsOf.value ?? ""}
        choose={inbox => navigate({ page: "faults", inbox })}
      />
    </PageHead>
  );
}

function Plan({ all }: { all: FaultPlan }) {
  return (
    <div class="scroll">
      <div class="faults-box">
        <Rules all={all} />
        <div class="settings-row">
          <button type="button" class="button primary" onClick={() => edit(all.rules.length)}>
            Add a rule
          </button>
          <button
            type="button"
            class="button"
            onClick={() => {
              overlay.value = "fault-json";
            }}
          >
            Edit as JSON
          </button>
          {all.in_force && (
            <button type="button" class="button" onClick={() => void removePlan()}>
              Remove the plan
            </button>
          )}
        </div>
        <Presets />
      </div>
    </div>
  );
}

/** The plan of all sessions or of an inbox: the first rule that applies acts. */
export function Faults() {
  const resource = plan.value;
  if (!resource) return null;
  return (
    <main class="sessions-room">
      <Head />
      <Loaded resource={resource}>{all => <Plan all={all} />}</Loaded>
    </main>
  );
}
