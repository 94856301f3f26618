/** The tabs of the drawer. */

import {create as createInside} from "./panels/inside.js";
import {create as createLesson} from "./panels/lesson.js";
import {create as createNumbers} from "./panels/numbers.js";
import {create as createShare} from "./panels/share.js";
import inside from "./strings/inside.js";
import lesson from "./strings/lesson.js";
import numbers from "./strings/numbers.js";
import share from "./strings/share.js";
import {register} from "./text.js";

/** @import {Tab} from "./panels/drawer.js" */

for (const [name, words] of Object.entries({inside, lesson, numbers, share})) register(name, words);

/** @type {Tab[]} */
export const TABS = [
  {name: "numbers", icon: "numbers", create: createNumbers},
  {name: "inside", icon: "inside", create: createInside},
  {name: "share", icon: "share", create: createShare},
  {name: "lesson", icon: "lesson", create: createLesson},
];
