"""What the assessment texts leave open, as settings with the default most schools would choose."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP
from typing import Literal

from sen.school.gradebook.rules.regimes import Outcome


@dataclass(frozen=True, slots=True)
class Policy:
    """One school's readings of the places where the law is silent or ambiguous.

    Every field names its article. A closed year keeps the policy it was closed under, as it keeps its regime.
    """

    rounding: str = ROUND_HALF_UP
    """Tie rule of the one decimal (a name of module `decimal`). Circular 22 Art. 9 and 58 Art. 10 only say "first
    decimal after rounding"; practice rounds 6,45 up."""

    year_average_from_rounded_terms: bool = True
    """Year average from the term averages as written in the book. Circular 58 Art. 10; read so for 22 Art. 9."""

    few_lessons_up_to: int = 35
    """Circular 22 Art. 6 says "35 lessons" for two regular marks; read as "35 or fewer"."""

    pending_blocks_finalisation: bool = True
    """Circular 22 Art. 7, 58 Art. 8: until make-ups close a pupil with an excused gap cannot be finalised."""

    cluster_term: Literal["last_topic", "term1", "term2"] = "last_topic"
    """Circular 22 Art. 6: term in which a study-topic cluster (cụm chuyên đề) adds its regular mark to the subject."""

    adjustment_reading: Literal["drop", "raise_to_ten"] = "drop"
    """Circular 22 Art. 9(3), "solely because of one subject": set that subject aside and look at the rest (narrow),
    or imagine it at 10 (wide). They differ only if the weak subject is needed for the count of six."""

    comment_subject_adjusts: bool = True
    """Circular 22 Art. 9(3): the "one subject" may be one assessed by comments."""

    adjust_in_circular43: bool = True
    """Circular 43/2021 is taken to mirror the one-subject adjustment of Circular 22 Art. 9(3)."""

    afternoon_counts_as_absence: bool = False
    """Circular 22 Art. 12, 58 Art. 15: 45 sessions "on a plan of one session a day"; the second session is left out."""

    both_fail_outcome: Outcome = Outcome.RETAINED
    """Circular 22 Art. 13-14: conduct and learning both Chưa đạt. Art. 14 admits only pupils with conduct Đạt to the
    re-assessment, hence RETAINED; SUMMER_CONDUCT lets summer training reopen the door."""

    retest_capped_at_pass: bool = True
    """Circular 22 Art. 14: re-assessment gives no more than the level needed for promotion."""

    retest_keep_better: bool = False
    """Circular 22 Art. 14, 58 Art. 16: on the letter even a worse result replaces; many schools keep the better."""

    adjust_after_retest: bool = True
    """Circular 22 Art. 14 with 9(3), 58 Art. 16 with 13(6): the adjustment also holds on the replaced results."""

    honour_requires_promotion: bool = True
    """Circular 22 Art. 15 names no absences; a pupil who is not promoted still gets no title."""

    too_few_subjects: Literal["principal", "count_available"] = "principal"
    """Circular 22 Art. 11: fewer mark subjects than the count of six: the principal decides, or all of them count."""

    both_art_parts_needed: bool = True
    """Circular 22 Art. 7 for Arts of two parts (Music, Fine arts): passed only if both parts are."""

    optional_subjects_count: bool = True
    """Circular 22 Art. 9, 58 Art. 13: an optional subject studied all year is classified like any other."""

    core_condition_may_be_the_subject: bool = True
    """Circular 58 Art. 13(6): a missing core-subject bar is "one subject's result" if that subject alone fails."""

    higher_average_uses_lower_line: bool = True
    """Circular 58 Art. 13(6) lists no Giỏi to Kém: an average of 8,0 is also at Khá level, so the Khá line applies."""

    conduct58_follows_term2: bool = True
    """Circular 58 Art. 3-4: no formula. Until the form teacher sets the year's conduct, term II's is proposed."""

    titles_from_original_results: bool = True
    """Circular 58 Art. 18: titles look at the results of June, not at those after the retest."""

    missing_term1_uses_term2: bool = True
    """Transfer within the year, subject new to the pupil: term II stands for the year (else the year waits for a
    supplementary assessment)."""

    second_award_requires_completion: bool = False
    """Circular 30/2014 Art. 16 as amended: the award for outstanding progress does not formally ask for completion."""

    repeater_keeps_old_regime: bool = False
    """Roll-out clauses of Circulars 22 and 27: who repeats a grade is assessed under the regime of the new year."""

    adults_have_conduct: bool = False
    """Decision 02/2007: conduct is set for learners of school age in regular classes, not for working adults."""


DEFAULT_POLICY = Policy()
