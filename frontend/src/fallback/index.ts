import { FallbackChatKit } from "./element";

customElements.define("openai-chatkit", FallbackChatKit);
