// SPDX-License-Identifier: GPL-3.0-or-later
// Whether a manifest is what Kubernetes' published schema of its kind allows: node kubernetes.js MANIFEST. From npm, where NODE_PATH
// leads: kubernetes-models, which has the schemas of Kubernetes' own OpenAPI document, and yaml. Status 77: they are not there.
"use strict";
const { readFileSync } = require("fs");
const { dirname, join } = require("path");

function load(name) {
    try {
        return require(name);
    } catch (error) {
        if (error.code !== "MODULE_NOT_FOUND")
            throw error;
        console.log("skipped: npm's packages kubernetes-models and yaml are not where NODE_PATH leads");
        process.exit(77);
    }
}

const path = process.argv[2];
const { parse } = load("yaml");
const document = parse(readFileSync(path, "utf8"));
const capital = (word) => word[0].toUpperCase() + word.slice(1);
load("kubernetes-models");
const { validate } = require(join(dirname(require.resolve(`kubernetes-models/${document.apiVersion}`)), "../../_schemas",
    `IoK8sApi${document.apiVersion.split("/").map(capital).join("")}${document.kind}.js`));

// The schema lets fields pass that it does not know. Its validator is compiled, and looks at all fields that it knows: what it never reads
// is unknown.
function noting(value, where, unread) {
    if (value === null || typeof value !== "object")
        return value;
    const below = {};
    for (const name of Object.keys(value)) {
        unread.add(`${where}/${name}`);
        below[name] = noting(value[name], `${where}/${name}`, unread);
    }
    return new Proxy(value, {
        get(target, name) {
            unread.delete(`${where}/${String(name)}`);
            return Object.hasOwn(below, name) ? below[name] : target[name];
        },
    });
}

function complaint(manifest) {
    const unread = new Set();
    if (!validate(noting(manifest, "", unread)))
        return validate.errors.map((error) => `${error.instancePath} ${error.keyword} ${JSON.stringify(error.params)}`).join("; ");
    return unread.size ? `no such field: ${[...unread].join(" ")}` : null;
}

// A schema that allows anything would prove nothing: each of these mistakes must be found.
function broken(change) {
    const copy = JSON.parse(JSON.stringify(document));
    change(copy.spec, copy.spec.template.spec.containers[0]);
    return copy;
}
const mistakes = {
    "completions: many": broken((spec) => { spec.completions = "many"; }),
    "no template": broken((spec) => { delete spec.template; }),
    "a container without a name": broken((spec, container) => { delete container.name; }),
    "a mount without a path": broken((spec, container) => { delete container.volumeMounts[0].mountPath; }),
    "command: a text": broken((spec, container) => { container.command = "sh"; }),
    "limits: 1": broken((spec, container) => { container.resources.limits = 1; }),
    "an unknown field of the spec": broken((spec) => { spec.completionmode = "Indexed"; }),
};
const wrong = complaint(document);
if (wrong)
    console.log(`${path}: ${wrong}`);
const unseen = Object.keys(mistakes).filter((name) => !complaint(mistakes[name]));
for (const name of unseen)
    console.log(`the schema does not find: ${name}`);
if (!wrong)
    console.log(`${path}: a valid ${document.kind} of ${document.apiVersion}; ${Object.keys(mistakes).length - unseen.length} of ` +
        `${Object.keys(mistakes).length} mistakes are found`);
process.exit(wrong || unseen.length ? 1 : 0);
