import js from "@eslint/js";
import globals from "globals";

const MEANING = {
  eqeqeq: "error", "no-var": "error", "prefer-const": ["error", { destructuring: "all" }], "no-shadow": "error",
  "no-use-before-define": ["error", { functions: false, classes: false, variables: false }], "no-unused-expressions": "error",
  "array-callback-return": "error", "no-self-compare": "error", "no-template-curly-in-string": "error", "no-unreachable-loop": "error",
  "require-atomic-updates": "error", "no-constructor-return": "error", "no-param-reassign": "error",
  "no-eval": "error", "no-implied-eval": "error", "no-new-func": "error",     // the content policy of the app forbids them
  "max-len": ["error", 140],
};

export default [
  { ...js.configs.recommended, files: ["**/*.js"] },
  { files: ["tutor/ui/**/*.js"], languageOptions: { globals: globals.browser }, rules: MEANING },
  { files: ["tests/javascript/*.js"], languageOptions: { globals: { ...globals.node, ...globals.browser } }, rules: MEANING },
];
