// Short words at the edge of the screen. What must be read stands in the page, not here.
import { t } from "../lib/i18n";

export type Tone = "info" | "success" | "warning" | "error";

/** Say something in passing. Errors stay until they are closed. */
export function toast(words: string, tone: Tone = "info"): void {
  const place = document.getElementById("toasts");
  if (!place) return;
  const box = document.createElement("div");
  box.className = `alert alert-${tone}`;
  const text = document.createElement("div");
  text.textContent = words;
  const close = document.createElement("button");
  close.type = "button";
  close.className = "alert-close";
  close.dataset.dismiss = ".alert";
  close.setAttribute("aria-label", t("Đóng thông báo"));
  close.textContent = "✕";
  box.append(text, close);
  place.append(box);
  if (tone !== "error") setTimeout(() => box.remove(), 6000);
}

/** A sentence for a request that failed; what the server says itself goes first. */
export function failure(status: number, message = ""): string {
  if (message) return message;
  if (status === 0) return t("Không có mạng. Xin thử lại khi có mạng.");
  if (status === 401) return t("Phiên làm việc đã hết. Xin đăng nhập lại.");
  if (status === 403) return t("Tài khoản này chưa có quyền làm việc này.");
  if (status === 404) return t("Mục này không còn nữa. Xin tải lại trang.");
  if (status === 409) return t("Dữ liệu vừa được người khác thay đổi. Xin tải lại trang.");
  return t("Hệ thống gặp lỗi. Xin thử lại sau ít phút.");
}

export function startToasts(): void {
  document.addEventListener("click", (event) => {
    const button = (event.target as Element).closest<HTMLElement>("[data-dismiss]");
    if (button) button.closest(button.dataset.dismiss!)?.remove();
  });
  document.addEventListener("htmx:sendError", () => toast(failure(0), "error"));
  document.addEventListener("htmx:responseError", (event) => {
    const xhr = (event as CustomEvent<{ xhr: XMLHttpRequest }>).detail.xhr;
    toast(failure(xhr.status, messageOf(xhr)), "error");
  });
  // The server can send words with a fragment: HX-Trigger: {"toast": {"text": "...", "tone": "success"}}.
  document.addEventListener("toast", (event) => {
    const detail = (event as CustomEvent<{ text?: string; tone?: Tone; value?: string }>).detail;
    toast(detail.text ?? detail.value ?? "", detail.tone);
  });
}

function messageOf(xhr: XMLHttpRequest): string {
  try {
    return String((JSON.parse(xhr.responseText) as { message?: string }).message ?? "");
  } catch {
    return "";
  }
}
