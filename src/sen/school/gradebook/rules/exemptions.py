"""Which waivers of a subject (miễn học, miễn đánh giá) the texts know."""

from sen.school.gradebook.rules.regimes import Exemption, Regime

WAIVABLE_58 = frozenset({"the_duc", "gdtc", "am_nhac", "my_thuat", "mi_thuat"})
PRACTICAL_PART = frozenset({"the_duc", "gdtc", "gdqpan"})


def exemption_refusal(
    regime: Regime | str, subject_key: str, exemption: Exemption | str, *, disability: bool = False
) -> str | None:
    """Why the principal may not grant this waiver, in Vietnamese; None if the text allows it.

    Circular 58/2011 Art. 12: Physical education, Music, Fine arts for a term or the year; Defence education its
    practical part. Circular 22/2021: the practical part of Physical and Defence education only, the pupil is then
    assessed on theory and the subject stays. Pupils with disabilities: any subject by the individual plan
    (22 Art. 11, 58 Art. 14).
    """
    exemption = Exemption(exemption)
    if exemption is Exemption.NONE or disability:
        return None
    if exemption is Exemption.PRACTICAL:
        if subject_key in PRACTICAL_PART:
            return None
        return "Chỉ môn Giáo dục thể chất (Thể dục) và Giáo dục quốc phòng, an ninh có phần thực hành được miễn."
    if Regime(regime) is Regime.TT58 and subject_key in WAIVABLE_58:
        return None
    if Regime(regime) is Regime.TT58:
        return "Thông tư 58/2011 chỉ cho miễn môn Thể dục, Âm nhạc, Mĩ thuật."
    return "Quy định hiện hành chỉ cho miễn phần thực hành; môn học vẫn được đánh giá và xếp loại."
