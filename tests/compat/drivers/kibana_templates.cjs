// Renders templates with the libraries that Kibana renders them with: mustache, moment-timezone, hjson and Node's Intl.
// Standard input: a JSON list of [template, variables]; standard output: a JSON list of texts, and the versions used.
"use strict";

const { execPath } = process;
const Mustache = require("mustache");
const moment = require("moment-timezone");
const Hjson = require("hjson");

moment.suppressDeprecationWarnings = true;
const zones = new Set(moment.tz.names());

class Failed extends Error {}

const sections = {
  ParseHjson: (text) => {
    try {
      return JSON.stringify(Hjson.parse(text));
    } catch (error) {
      throw new Failed(`error parsing Hjson "${text}": ${error.message}`);
    }
  },
  FormatDate: (text) => {
    const [date, zone, format] = pieces(text.trim(), ";");
    if (!date) throw new Failed("date is empty");
    const when = Number.isNaN(+new Date(date)) ? null : moment(date);
    if (when === null || !when.isValid()) throw new Failed(`invalid date "${date}"`);
    if (!zones.has(zone || "UTC")) throw new Failed(`unknown timeZone value "${zone}"`);
    return when.tz(zone || "UTC").format(format || "YYYY-MM-DD hh:mma");
  },
  FormatNumber: (text) => {
    const whole = text.trim();
    const [number, locales, options] = pieces(whole, ";");
    if (options === undefined) throw new Failed(`invalid format, missing semicolons: '${whole}'`);
    const value = parseFloat(number);
    if (Number.isNaN(value)) throw new Failed(`invalid number: '${number}'`);
    const named = locales.split(",").map((one) => one.trim()).filter(Boolean);
    const chosen = {};
    for (const option of options.split(",").map((one) => one.trim()).filter(Boolean)) {
      const [name, given] = option.split(":");
      if (given === undefined) throw new Failed(`invalid options: missing colon in option: '${option}'`);
      const plain = given.trim();
      const asNumber = parseFloat(plain);
      chosen[name.trim()] = Number.isNaN(asNumber) ? ({ true: true, false: false }[plain] ?? plain) : asNumber;
    }
    try {
      return new Intl.NumberFormat(named.length ? named : ["en-US"], chosen).format(value);
    } catch (error) {
      throw new Failed(`error formatting number: ${error.message}`);
    }
  },
  EncodeURI: (text) => encoded("encodeURI", encodeURI, text),
  EncodeURIComponent: (text) => encoded("encodeURIComponent", encodeURIComponent, text),
};

function encoded(name, encode, text) {
  try {
    return encode(text);
  } catch (error) {
    throw new Failed(`error evaluating ${name}("${text}"): ${error.message}`);
  }
}

function pieces(text, separator) {
  return text.split(separator, 3).map((one) => one.trim());
}

function isObject(value) {
  return typeof value === "object" && value !== null;
}

// What lies on a dotted name's path is put beside the name, into the objects that are there.
function put(holder, path, value) {
  const [first, ...rest] = path;
  if (rest.length === 0) {
    if (!isObject(value)) {
      holder[first] = value;
      return;
    }
    const isList = Array.isArray(value);
    const there = holder[first];
    const keep = isList ? Array.isArray(there) : isObject(there);
    if (!keep || !Object.hasOwn(holder, first)) holder[first] = isList ? [] : {};
    for (const key of Object.keys(value)) put(holder[first], [key], value[key]);
    return;
  }
  if (!Object.hasOwn(holder, first) || !isObject(holder[first])) holder[first] = {};
  put(holder[first], rest, value);
}

function spread(holder) {
  for (const key of Object.keys(holder)) {
    if (key.includes(".")) put(holder, key.split("."), holder[key]);
    if (isObject(holder[key])) spread(holder[key]);
  }
}

function speak(value) {
  if (Array.isArray(value)) {
    value.forEach(speak);
    value.asJSON = () => JSON.stringify(value);
  } else if (isObject(value)) {
    Object.values(value).forEach(speak);
    if (!Object.hasOwn(value, "toString")) value.toString = () => JSON.stringify(value);
  }
}

Mustache.escape = (value) => (value === null || value === undefined ? "" : `${value}`);

function render(template, variables) {
  const given = JSON.parse(JSON.stringify(variables));
  spread(given);
  speak(given);
  const view = {};
  for (const [name, apply] of Object.entries(sections)) {
    const trims = !name.startsWith("Encode");
    view[name] = () => (text, sub) => {
      try {
        return apply(sub(trims ? text.trim() : text));
      } catch (error) {
        if (error instanceof Failed) return error.message;
        throw error;
      }
    };
  }
  try {
    return Mustache.render(template, Object.assign(view, given));
  } catch (error) {
    return `error rendering mustache template "${template}": ${error.message}`;
  }
}

const cases = JSON.parse(require("fs").readFileSync(0, "utf8"));
const texts = cases.map(([template, variables]) => render(template, variables));
const versions = { node: process.version, icu: process.versions.icu, cldr: process.versions.cldr, path: execPath };
process.stdout.write(JSON.stringify({ texts, versions }));
