import { closeOverlay, commands } from "../commands";
import { Dialog } from "./dialog";

export function Help() {
  return (
    <Dialog title="Keys" onClose={closeOverlay}>
      <dl class="keys">
        {commands.map(({ title, keys, shown }) => (
          <div key={title}>
            <dt>{title}</dt>
            <dd>
              <kbd>{shown ?? keys[0]}</kbd>
            </dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
