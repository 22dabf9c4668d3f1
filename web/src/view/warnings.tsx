import type { Message } from "../api";
import { Icon } from "./icons";

type Warning = Message["warnings"][number];

/** What a stricter server would have minded. */
export function WarningList({ warnings }: { warnings: readonly Warning[] }) {
  if (warnings.length === 0) return null;
  return (
    <ul class="warnings" aria-label="Warnings">
      {warnings.map(({ code, detail, reference }, index) => (
        <li key={index}>
          <Icon name="warning" />
          <span>
            <strong>{code}</strong> {detail} <span class="warning-reference">{reference}</span>
          </span>
        </li>
      ))}
    </ul>
  );
}
