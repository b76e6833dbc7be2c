// What every page of Sen loads: the styles, htmx, and the small helpers. Islands for one page are entries of their own.
import "./styles/fonts.css";
import "./styles/kit.scss";
import "./styles/tokens.css";
import "./styles/base.css";
import "./styles/shell.css";
import "./styles/components.css";
import "./styles/forms.css";
import htmx from "htmx.org";
void htmx;
