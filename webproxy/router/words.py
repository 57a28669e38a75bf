"""The words of public names: short, common, spelled in one way, and fit to be read out on the telephone.

Rule of this file: lists only. No word that insults anybody in English, none that looks or sounds like another here, and
none of fewer than three letters.
"""

# ruff: noqa: SIM905 - words are read as words

from __future__ import annotations

ANIMALS = tuple(
    """
    alpaca badger beagle bison bobcat buffalo camel canary caribou cheetah chipmunk cicada cobra condor corgi cougar
    coyote cricket dingo dolphin donkey dragonfly eagle egret eland falcon ferret finch firefly flamingo fox gazelle
    gecko gerbil gibbon giraffe gnu goldfish goose gopher grouse guppy hamster hawk hedgehog heron hippo hornet husky
    ibex ibis iguana impala jackal jaguar kestrel kingfisher kiwi koala kudu ladybug lemur leopard limpet lion lizard
    llama lobster lynx macaw magpie mallard manatee mantis marlin marmot meerkat mink minnow mongoose moth narwhal
    newt nightingale ocelot octopus opossum orca oriole osprey ostrich otter owl oyster panda panther parrot pelican
    penguin pheasant pigeon plover pony porpoise puffin puma python quail rabbit raccoon ram raven reindeer robin
    salamander salmon sandpiper seahorse seal shark sheep shrew skylark sloth sparrow spaniel squid squirrel starling
    stork sturgeon swallow swan tapir termite tern terrier tiger toucan trout tuna turtle viper vole wallaby walrus
    warbler weasel whale wombat woodpecker wren yak zebra
    """.split()
)

GREEK = tuple(
    """
    alpha beta gamma delta epsilon zeta eta theta iota kappa lambda omicron rho sigma tau upsilon phi chi psi omega
    """.split()
)

#: First labels that would be taken for somebody else: the router's own, mail's, and what people trust at a glance.
RESERVED = frozenset(
    """
    abuse account admin administrator autoconfig autodiscover billing broadcasthost dns ftp hostmaster imap isatap
    localdomain localhost login mail mx noreply ns ns1 ns2 ntp password pay payment pop pop3 postmaster root router
    secure security signin smtp ssl support system tls vpn webmaster webproxy wpad www xn
    """.split()
)
