"""The words by which clauses are told apart, for some languages that are spoken.

Recognizers often write no commas. Then only words say where one thought ends and the next begins. Three kinds of them
matter, and lists of the frequent ones do: a boundary that is missed makes a clause longer, no more. Words that are of
several kinds in a language ("that", "que", "as") stand where a wrong cut is avoided.

In a language without lists clauses end at punctuation, at pauses, and where they become too long.
"""

from dataclasses import dataclass

from livetranslate.models import primary


@dataclass(frozen=True, slots=True)
class ClauseWords:
    """Words of one language, in lower case; those that end in an apostrophe stand before another without a space.

    Attributes:
        openers: They open a clause, and never end one: conjunctions, question words, relative pronouns.
        prepositions: They open a phrase that can stand for itself where a clause becomes long, and never end one.
        binders: What comes after them belongs to them: articles, possessives, subjects, auxiliaries.
    """

    openers: frozenset[str] = frozenset()
    prepositions: frozenset[str] = frozenset()
    binders: frozenset[str] = frozenset()

    def opens(self, word: str) -> bool:
        """Whether a clause may begin with this word."""
        return _heads(word) & self.openers != frozenset()

    def opens_phrase(self, word: str) -> bool:
        """Whether a phrase may begin with this word."""
        return _heads(word) & self.prepositions != frozenset()

    def binds(self, word: str) -> bool:
        """Whether nothing may be cut off after this word."""
        return word in self.openers or word in self.prepositions or word in self.binders


def clause_words(language: str) -> ClauseWords:
    """The words of a language; empty lists where it has none."""
    return _BY_LANGUAGE.get(primary(language), _NONE)


def _heads(word: str) -> frozenset[str]:
    """The word, and what stands in it before an apostrophe: "qu'" of "qu'il"."""
    head, apostrophe, _ = word.partition("'")
    return frozenset((word, head + apostrophe))


def _words(openers: str, prepositions: str, binders: str) -> ClauseWords:
    return ClauseWords(frozenset(openers.split()), frozenset(prepositions.split()), frozenset(binders.split()))


_NONE = ClauseWords()

_BY_LANGUAGE = {
    "en": _words(
        "and but or because so although though unless until when while whereas if before whether which who whom "
        "whose where why how what",
        "about above across after against along among around at behind below beside between beyond by despite "
        "during for from in inside into near on onto over since through throughout to toward towards under upon "
        "via with within without",
        "a an the my your his her its our their this these those that no every each very more most less than not "
        "as of i we you he she they it there is are was were be been being am have has had do does did will would "
        "can could shall should may might must i'm i've i'll i'd we're we've we'll you're you've they're they've "
        "it's that's don't doesn't didn't won't can't couldn't wouldn't first next last only just please hundred "
        "thousand million",
    ),
    "es": _words(
        "y e pero o u porque aunque sino cuando mientras si pues donde quien quienes cual cuyo cuya qué quién cómo "
        "cuándo dónde cuánto cuánta cuántos cuántas",
        "a ante bajo con contra desde durante en entre hacia hasta para por según sin sobre tras al",
        "el la los las un una unos unas lo mi tu su mis tus sus nuestro nuestra nuestros nuestras este esta estos "
        "estas ese esa esos esas aquel aquella de del que no muy más menos tan como yo tú él ella nosotros ellos "
        "ellas usted ustedes me te se nos os le les es son era eran fue fueron ser está están ha han he hemos "
        "había cada todo toda todos todas primer primera próximo próxima mil",
    ),
    "fr": _words(
        "et mais ou car donc parce quand lorsque lorsqu' pendant tandis si puisque puisqu' qui dont où comment "
        "pourquoi combien",
        "à après avant avec chez contre dans depuis dès en entre par pour sans sous sur vers aux au",
        "le la les l' un une des du de d' mon ma mes ton ta tes son sa ses notre nos votre vos leur leurs ce cet "
        "cette ces que qu' ne pas très plus moins aussi comme je tu il elle on nous vous ils elles me te se est "
        "sont était étaient être a ont ai avons avez avait chaque tout toute tous toutes premier première prochain "
        "prochaine mille",
    ),
    "it": _words(
        "e ed ma o oppure perché quando mentre se sebbene poiché dove chi cui quale quali come quanto quanta",
        "a con contro da dentro dopo durante fra fuori in per senza sopra sotto su tra verso al allo alla ai agli "
        "alle nel nello nella nei nelle dal dallo dalla dai dalle sul sulla sui sulle",
        "il lo la i gli le l' un uno una un' mio mia miei mie tuo tua suo sua suoi sue nostro nostra loro questo "
        "questa questi queste quello quella di del dello della dei degli delle dell' che non molto più meno così "
        "io tu lui lei noi voi mi ti si ci vi è sono era erano essere ha hanno ho abbiamo aveva ogni tutto tutta "
        "tutti tutte primo prima prossimo prossima mila",
    ),
    "pt": _words(
        "e mas ou porque embora quando enquanto se pois onde quem qual cujo cuja como quanto quanta quantos quantas",
        "a até com contra desde durante em entre para por sem sob sobre após ao aos à às no na nos nas pelo pela "
        "pelos pelas num numa",
        "o os as um uma uns umas meu minha seu sua nosso nossa seus suas este esta estes estas esse essa aquele "
        "aquela de do da dos das que não muito mais menos tão eu tu ele ela nós eles elas você vocês me te lhe é "
        "são era eram foi foram ser está estão tem têm tinha há cada todo toda todos todas primeiro primeira "
        "próximo próxima mil",
    ),
    "ca": _words(
        "i però o perquè encara quan mentre si doncs on qui qual com quant quanta quants quantes",
        "a amb contra des durant en entre fins per sense sobre sota cap al als pel pels",
        "el la els les l' un una uns unes meu meva teu teva seu seva nostre nostra aquest aquesta aquests "
        "aquestes aquell aquella de d' del dels que no molt més menys tan jo tu ell ella nosaltres ells elles "
        "vostè em et es ens us li és són era eren ser està ha han he hem havia cada tot tota tots totes primer "
        "primera pròxim pròxima mil",
    ),
    "de": _words(
        "und aber oder denn sondern weil dass obwohl wenn als während falls bevor nachdem damit ob wo warum wie "
        "was wer welche welcher welches",
        "an auf aus bei bis durch für gegen hinter in mit nach neben ohne seit trotz über um unter von vor wegen "
        "zu zwischen am im beim vom zum zur ins",
        "der die das den dem des ein eine einen einem einer eines mein meine dein sein seine ihr ihre unser unsere "
        "kein keine dieser diese dieses nicht sehr mehr weniger so ich du er sie es wir man mich dich sich ist "
        "sind war waren bin hat haben habe hatte wird werden kann können muss soll jeder jede jedes alle erste "
        "ersten nächste nächsten tausend",
    ),
}
