// <sen-progress data-url> – follows a long job: count, rate, time left, and the way to the result.
import { html, LitElement, nothing, type TemplateResult } from "lit";
import { number, t } from "../lib/i18n";
import { getJson } from "../lib/net";

export interface Job {
  done: number;
  total: number;
  rate?: number | null;
  left_seconds?: number | null;
  state: "queued" | "running" | "done" | "failed";
  message?: string;
  result_url?: string | null;
}

const FIRST_PAUSE = 1000;
const LONGEST_PAUSE = 8000;

/** Write a time left the way one says it. */
export function timeLeft(seconds: number): string {
  if (seconds < 10) return t("sắp xong");
  if (seconds < 90) return t("còn khoảng {n} giây", { n: Math.round(seconds / 10) * 10 });
  if (seconds < 5400) return t("còn khoảng {n} phút", { n: Math.round(seconds / 60) });
  return t("còn khoảng {n} giờ", { n: number(seconds / 3600, 1) });
}

export class SenProgress extends LitElement {
  private job: Job | null = null;
  private lost = false;
  private pause = FIRST_PAUSE;
  private timer = 0;

  override createRenderRoot(): HTMLElement {
    return this;
  }

  override connectedCallback(): void {
    // What the server wrote is replaced as soon as there is something newer, not before.
    this.replaceChildren();
    super.connectedCallback();
    void this.follow();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearTimeout(this.timer);
  }

  override render(): TemplateResult {
    const { job } = this;
    if (!job) return html`<p role="status">${t("Đang xem tiến độ…")}</p>`;
    const label = this.dataset.label ?? t("Tiến độ");
    const share = job.total ? job.done / job.total : 0;
    return html`<div class="progress-words"><span>${label}</span><span class="num">${number(job.done)}/${number(job.total)}</span></div>
      <progress max=${job.total || 1} .value=${job.state === "queued" ? 0 : job.done} aria-label=${label}></progress>
      <p class="help" role="status">${this.words(job, share)}</p>
      ${job.result_url && job.state === "done" ? html`<a class="btn btn-primary" href=${job.result_url}>${t("Xem kết quả")}</a>` : nothing}`;
  }

  private words(job: Job, share: number): string {
    if (this.lost) return t("Đang chờ mạng. Công việc vẫn chạy trên máy chủ.");
    if (job.message && job.state === "failed") return job.message;
    if (job.state === "failed") return t("Công việc bị dừng vì lỗi. Phần đã làm vẫn được giữ.");
    if (job.state === "done") return job.message || t("Đã xong.");
    if (job.state === "queued") return t("Đang chờ đến lượt. Có thể rời trang này và quay lại sau.");
    const parts = [`${Math.floor(share * 100)}%`];
    if (job.rate) parts.push(t("{n} mục/giây", { n: number(job.rate, job.rate < 10 ? 1 : 0) }));
    if (job.left_seconds != null) parts.push(timeLeft(job.left_seconds));
    return [...parts, t("có thể rời trang này và quay lại sau")].join(" · ");
  }

  private async follow(): Promise<void> {
    const before = this.job?.done;
    try {
      this.job = await getJson<Job>(this.dataset.url ?? "");
      this.lost = false;
      // A job that moves is watched closely, one that stands is left alone.
      this.pause = this.job.done === before ? Math.min(this.pause * 1.5, LONGEST_PAUSE) : FIRST_PAUSE;
    } catch {
      this.lost = this.job !== null;
      this.pause = LONGEST_PAUSE;
    }
    this.requestUpdate();
    if (!this.isConnected) return;
    if (this.job?.state === "done" || this.job?.state === "failed") {
      this.dispatchEvent(new CustomEvent("finished", { bubbles: true, detail: this.job }));
      return;
    }
    this.timer = window.setTimeout(() => void this.follow(), this.pause);
  }
}

customElements.define("sen-progress", SenProgress);
