/* node scripts/build.mjs: builds dist/ from nothing, whatever is there. */
import { build, fail, install } from './bootstrap.mjs';

try {
  await install();
  await build();
} catch (error) {
  fail(error);
}
