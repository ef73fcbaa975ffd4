// Which slips in the scripts are found before a browser finds them?

import js from "@eslint/js";
import globals from "globals";

export default [
  js.configs.recommended,
  { files: ["plugins/**/*.js"], languageOptions: { globals: globals.browser } },
  { files: ["tests/**/*.js"], languageOptions: { globals: globals.node } },
  { rules: { eqeqeq: "error", "no-var": "error", "prefer-const": "error" } },
];
