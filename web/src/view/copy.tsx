import { useEffect, useState } from "preact/hooks";
import { Icon } from "./icons";

const SAY_SO_MS = 1500;

/** The clipboard is only there for pages that came over HTTPS or from this machine. */
async function copy(text: string): Promise<void> {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const field = document.createElement("textarea");
  field.value = text;
  document.body.append(field);
  field.select();
  document.execCommand("copy");
  field.remove();
}

export function CopyButton({ text, label }: { text: string; label: string }) {
  const [copied, setCopied] = useState(false);

  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), SAY_SO_MS);
    return () => clearTimeout(timer);
  }, [copied]);

  return (
    <button
      type="button"
      class="icon-button"
      aria-label={copied ? "Copied" : label}
      title={label}
      onClick={() => void copy(text).then(() => setCopied(true))}
    >
      <Icon name={copied ? "done" : "copy"} />
    </button>
  );
}
