import { commands, overlay } from "../commands";
import { Dialog } from "./dialog";

const close = () => {
  overlay.value = null;
};

export function Help() {
  return (
    <Dialog title="Keys" onClose={close}>
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
