import { describe, expect, it } from "vitest";
import { Gather } from "./gather.ts";

function setup(most: number) {
  const asked: number[][] = [];
  const gates: PromiseWithResolvers<void>[] = [];
  const gather = new Gather<number, string>({
    most,
    weigh: (q) => q,
    async answer(questions) {
      asked.push([...questions]);
      const gate = Promise.withResolvers<void>();
      gates.push(gate);
      await gate.promise;
      return questions.map((q) => `answer ${q}`);
    },
  });
  return { gather, asked, gates };
}

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

describe("gather", () => {
  it("asks the first at once and what came meanwhile together", async () => {
    const { gather, asked, gates } = setup(100);
    const answers = Promise.all([1, 2, 3].map((q) => gather.ask(q)));
    expect(asked).toEqual([[1]]);
    gates[0]?.resolve();
    await turn();
    expect(asked).toEqual([[1], [2, 3]]);
    gates[1]?.resolve();
    expect(await answers).toEqual(["answer 1", "answer 2", "answer 3"]);
    const later = gather.ask(4);
    gates[2]?.resolve();
    expect(await later).toBe("answer 4");
  });

  it("asks no more at once than the most weight, but one question however heavy", async () => {
    const { gather, asked, gates } = setup(10);
    const answers = Promise.all([1, 6, 4, 1, 50, 2].map((q) => gather.ask(q)));
    for (let i = 0; i < 5; i++) {
      gates[i]?.resolve();
      await turn();
    }
    await answers;
    expect(asked).toEqual([[1], [6, 4], [1], [50], [2]]);
  });

  it("fails the questions of one go and no others", async () => {
    const { gather, gates } = setup(100);
    const [first, second] = [gather.ask(1), gather.ask(2)];
    const refused = expect(first).rejects.toThrow("no answer");
    gates[0]?.reject(new Error("no answer"));
    await refused;
    gates[1]?.resolve();
    expect(await second).toBe("answer 2");
  });
});
