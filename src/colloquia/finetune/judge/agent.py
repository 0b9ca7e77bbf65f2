"""The judge: grades answers to one question, faults first; a role like those of `agents/`."""

from colloquia.agents.base import Agent
from colloquia.core.roles import JudgeInput, JudgeReply, Line, Passage


class Judge(Agent[JudgeInput, JudgeReply]):
    """Names each answer's faults and then grades its accuracy, style and detail, 1 to 5.

    After the judge of Phi-4's second round of DPO (arXiv 2412.08905, appendix A.2).
    """

    part = "judge"
    prompt = "judge"
    brief_type = JudgeInput
    reply_type = JudgeReply
    shown_as = "{accuracy} {style} {detail}: {discussion}"

    def texts_in(self, brief: JudgeInput) -> int:
        """Return the number of answers."""
        return len(brief.replies)

    def check(self, reply: JudgeReply, brief: JudgeInput) -> JudgeReply:
        """Hold each list to one entry for each answer."""
        wanted = len(brief.replies)
        for name in ("faults", "accuracy", "style", "detail"):
            if (given := len(getattr(reply, name))) != wanted:
                raise ValueError(f'"{name}" has {given} entries where there are {wanted} replies')
        return reply

    def read_chat(self, snippet: Passage, lines: tuple[Line, ...]) -> JudgeInput:
        """Grade the last line of a chat as an answer to the one before it."""
        question, answer = [line.text for line in (*lines, *lines)[-2:]] or ["", ""]
        return JudgeInput(passage=snippet.text, question=question, notes="", replies=(answer,))
