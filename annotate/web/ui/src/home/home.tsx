import { Top } from "../parts/top.tsx";

export function Home() {
  return <><Top /><main id="content" class="content" tabIndex={-1}><h1>dyade</h1></main></>;
}
