import type { ComponentChildren } from "preact";
import { useRef } from "preact/hooks";
import { isPaperDark, paperWidth, type Width } from "../../state/paper";

/** A message's own HTML runs nothing and has no origin; a link it holds opens in a tab of its own. */
const ALLOWED = "allow-popups allow-popups-to-escape-sandbox";

const widths = { Full: null, Desktop: 1024, Tablet: 768, Phone: 375 } as const;
const NARROWEST = 240;
const KEY_STEP = 16;

function Presets({ width, choose }: { width: Width; choose: (width: Width) => void }) {
  return (
    <fieldset class="segments">
      <legend class="visually-hidden">Width</legend>
      {Object.entries(widths).map(([name, value]) => (
        <button
          type="button"
          key={name}
          aria-pressed={value === width}
          title={value ? `${value} pixels` : "As wide as there is room"}
          onClick={() => choose(value)}
        >
          {name}
        </button>
      ))}
    </fieldset>
  );
}

/** The edge of the paper. */
function Handle({ width, resize }: { width: number; resize: (width: number) => void }) {
  const grip = useRef<{ x: number; width: number } | null>(null);
  const set = (wanted: number) => resize(Math.max(NARROWEST, Math.round(wanted)));
  return (
    <div
      class="paper-handle"
      role="separator"
      aria-orientation="vertical"
      aria-label="Width of the message"
      aria-valuenow={width}
      aria-valuemin={NARROWEST}
      tabIndex={0}
      onKeyDown={event => {
        if (event.key === "ArrowLeft") set(width - KEY_STEP);
        if (event.key === "ArrowRight") set(width + KEY_STEP);
      }}
      onPointerDown={event => {
        event.currentTarget.setPointerCapture(event.pointerId);
        grip.current = { x: event.clientX, width };
      }}
      onPointerMove={event => {
        if (grip.current) set(grip.current.width + event.clientX - grip.current.x);
      }}
      onPointerUp={() => {
        grip.current = null;
      }}
    />
  );
}

function Dark({ hasOwn }: { hasOwn: boolean }) {
  return (
    <button
      type="button"
      class="button"
      aria-pressed={isPaperDark}
      title={
        hasOwn
          ? "In the dark colours that the mail has"
          : "As clients darken mail that has no dark colours of its own"
      }
      onClick={() => {
        isPaperDark.value = !isPaperDark.value;
      }}
    >
      Dark
    </button>
  );
}

interface Props {
  src: string;
  hasDark: boolean; // colours of its own for the dark
  children?: ComponentChildren; // further tools
}

/** Mail is written for white paper, whatever the page looks like; it can be tried on others. */
export function Paper({ src, hasDark, children }: Props) {
  const width = paperWidth.value;
  const setWidth = (wanted: Width) => {
    paperWidth.value = wanted;
  };
  const dark = hasDark ? "is-dark" : "is-inverted";
  return (
    <>
      <div class="tools paper-tools">
        <Presets width={width} choose={setWidth} />
        {width !== null && <span class="tools-text">{width} px</span>}
        <span class="tools-gap" />
        {children}
        <Dark hasOwn={hasDark} />
      </div>
      <div class="paper-desk">
        <iframe
          key={src}
          class={isPaperDark.value ? `paper ${dark}` : "paper"}
          style={width === null ? undefined : { width: `${width}px` }}
          title="The message as HTML"
          sandbox={ALLOWED}
          referrerpolicy="no-referrer"
          src={src}
        />
        {width !== null && <Handle width={width} resize={setWidth} />}
      </div>
    </>
  );
}
