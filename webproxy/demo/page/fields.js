// What the service received of this page's own request, and the road that it tells of.

import { Card, address, expect } from "./card.js";

const OF_A_PROXY = /^(x-forwarded-.*|forwarded|via|x-real-ip|x-request-id)$/i;

class Fields extends Card {
  constructor() {
    super("fields");
    this.url = address("fields");
    this.reachedBy("GET", this.url, `curl ${this.url}`);
  }

  facts() {} // it has a table instead

  async experiment(signal) {
    const told = await (await expect(await fetch(this.url, { signal, cache: "no-store" }), 200)).json();
    this.find("tbody").replaceChildren(...told.fields.map(([name, value]) => {
      const row = document.createElement("tr");
      const head = document.createElement("th");
      head.scope = "row";
      head.textContent = name;
      row.append(head);
      row.insertCell().textContent = value;
      if (OF_A_PROXY.test(name)) {
        row.className = "proxy";
        head.append(Object.assign(document.createElement("span"), { className: "badge", textContent: "proxy" }));
      }
      return row;
    }));
    this.road(told);
    return "done";
  }

  road({ fields, service, client }) {
    const get = (wanted) => fields.find(([name]) => name.toLowerCase() === wanted)?.[1];
    const through = fields.some(([name]) => OF_A_PROXY.test(name));
    const via = get("via");
    const put = (id, text) => { document.getElementById(id).textContent = text; };
    put("road-browser", get("x-forwarded-for") ?? client);
    put("road-how", through ? "through a proxy" : "directly");
    put("road-origin", location.origin);
    put("road-service", service);
    document.getElementById("road").dataset.through = through;
    this.verdict(true, through
      ? `A proxy stands between: the service was asked by ${client}${via ? `, by way of ${via}` : ""}.`
      : "The browser asked the service directly: no field of a proxy arrived.");
  }
}

export const fields = new Fields();
