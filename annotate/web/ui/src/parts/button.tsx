import type { ButtonHTMLAttributes, ComponentChildren } from "preact";
import { keyOf, shownKey, type Action } from "../keys.ts";
import { Icon, type IconName } from "./icon.tsx";

interface Props extends Omit<ButtonHTMLAttributes<HTMLButtonElement>, "icon" | "action"> {
  icon?: IconName;
  action?: Action; // whose key is shown
  kind?: "primary" | "quiet" | "danger";
  label?: string; // said instead of what is inside, where that is a drawing alone
  pressed?: boolean; // of one that is on or off
  children?: ComponentChildren;
}

// Button does one thing; its key, where it has one, is shown on it.
export function Button({ icon, action, kind, label, pressed, children, class: more, ...rest }: Props) {
  const key = action ? shownKey(keyOf(action)) : "";
  const name = ["button", kind ?? "", children ? "" : "square", more ?? ""].filter(Boolean).join(" ");
  return (
    <button type="button" class={name} {...rest} {...(label ? { "aria-label": label, title: rest.title ?? label } : {})}
      {...(pressed === undefined ? {} : { "aria-pressed": pressed })} {...(key ? { "aria-keyshortcuts": keyOf(action!).trim() || "Space" } : {})}>
      {icon && <Icon name={icon} />}
      {children && <span>{children}</span>}
      {key && <kbd aria-hidden="true" data-key={key} />}
    </button>
  );
}
