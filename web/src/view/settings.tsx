import { useSignal } from "@preact/signals";
import { canNotify, isKept, notify, setNotify, type Theme, theme, themes } from "../state/settings";
import { Dialog } from "./dialog";

const themeTexts: Record<Theme, string> = {
  system: "As the system is",
  light: "Light",
  dark: "Dark",
};

function ThemeChoice() {
  return (
    <fieldset class="choice">
      <legend>Colours</legend>
      {themes.map(name => (
        <label key={name}>
          <input
            type="radio"
            name="theme"
            checked={theme.value === name}
            onChange={() => {
              theme.value = name;
            }}
          />
          {themeTexts[name]}
        </label>
      ))}
    </fieldset>
  );
}

function NotifyChoice() {
  const isRefused = useSignal(false);
  const hint = canNotify()
    ? "While this page is out of sight."
    : "Only where the page comes over HTTPS or from this machine.";
  return (
    <fieldset class="choice">
      <legend>Notifications</legend>
      <label>
        <input
          type="checkbox"
          checked={notify}
          disabled={!canNotify()}
          onChange={async event => {
            const box = event.currentTarget;
            isRefused.value = !(await setNotify(box.checked));
            box.checked = notify.value;
          }}
        />
        Tell of new mail
      </label>
      <p class={isRefused.value ? "form-fault" : "form-hint"} role="status">
        {isRefused.value ? "The browser does not allow it: see its settings for this page." : hint}
      </p>
    </fieldset>
  );
}

export function Settings() {
  return (
    <Dialog title="Settings">
      <ThemeChoice />
      <NotifyChoice />
      {!isKept.value && (
        <p class="form-hint">This browser blocks storage: it is forgotten when the page is left.</p>
      )}
    </Dialog>
  );
}
