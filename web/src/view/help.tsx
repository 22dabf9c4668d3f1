import { commands, groups } from "../commands";
import { Dialog } from "./dialog";
import { Keys } from "./keys";

export function Help() {
  return (
    <Dialog title="Keys" isWide>
      <div class="keys-groups">
        {groups.map(group => (
          <section key={group} aria-label={group}>
            <h3>{group}</h3>
            <dl class="keys">
              {commands
                .filter(command => command.group === group && (command.shown || command.keys[0]))
                .map(command => (
                  <div key={command.name}>
                    <dt>{command.title}</dt>
                    <dd>
                      <Keys command={command} />
                    </dd>
                  </div>
                ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  );
}
