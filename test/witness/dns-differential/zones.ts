/** A zone with every kind of name that a lookup can meet, and a second one that it delegates and that is served too. */
export const ZONES: { readonly [origin: string]: string } = {
  "diff.test": `$ORIGIN diff.test.
$TTL 3600
@          SOA ns1 hostmaster 2026010101 1h 15m 4w 5m
           NS  ns1
           NS  ns2
           NS  ns.outside.test.
           A   192.0.2.1
           MX  10 mail
           MX  20 mail.outside.test.
           TXT "the apex"
           CAA 0 issue "ca.test"
ns1        A   192.0.2.53
           AAAA 2001:db8::53
ns2        A   192.0.2.54
mail       A   192.0.2.25
           AAAA 2001:db8::25
host       A   192.0.2.2
           A   192.0.2.3
           AAAA 2001:db8::2
           TXT "one" "two"
           HINFO "PC" "Linux"
           TYPE65280 \\# 4 0A000001
; Names that exist because of others.
a.b.c.ent  A   192.0.2.4
; Aliases: one, a chain, to nothing, out of the zone, in a circle, to a wildcard, below a cut, to an empty name.
alias      CNAME host
chain1     CNAME chain2
chain2     CNAME chain3
chain3     CNAME alias
dangling   CNAME nothing
away       CNAME www.outside.test.
loop1      CNAME loop2
loop2      CNAME loop1
self       CNAME self
towild     CNAME x.y.wild
tocut      CNAME www.cut
tosub      CNAME www.sub
tosubnone  CNAME nothing.sub
toent      CNAME c.ent
todname    CNAME host.dn
; Wildcards: with data, under one another, with an alias, beside names, under an alias' target.
*.wild     A   192.0.2.5
           MX  10 mail
           TXT "wild"
named.wild A   192.0.2.6
x.ent.wild A   192.0.2.7
*.deep.wild A  192.0.2.8
*.alias    TXT "below an alias"
*.cwild    CNAME host
*.cloop    CNAME x.cloop
sub.*.star A   192.0.2.9
*.star     TXT "star"
_svc._tcp.*.srvwild SRV 0 0 80 host
; Delegations: glue within, beside, outside, none; with a DS; with a name of it in the parent; below a wildcard's parent.
cut        NS  ns.cut
           NS  ns1
           NS  ns.outside.test.
ns.cut     A   192.0.2.60
           AAAA 2001:db8::60
lame       NS  ns.outside.test.
signed     NS  ns.signed
           DS  12345 13 2 0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF
ns.signed  A   192.0.2.61
other      NS  ns.cut
noglue     NS  ns.noglue
cut.wild   NS  ns.cut
; Served here too.
sub        NS  ns1.sub
ns1.sub    A   192.0.2.70
; Other names for whole trees.
dn         DNAME diff.test.
           TXT "beside a DNAME"
dnsub      DNAME sub
dnout      DNAME outside.test.
dncut      DNAME cut
dnnone     DNAME nothing
dnwild     DNAME wild
dnloop     DNAME x.dnloop
dnlong     DNAME aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb.cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc
; Services.
_http._tcp SRV 0 5 80 host
           SRV 1 5 80 alias
_none._tcp SRV 0 0 0 .
svc        SVCB 1 host alpn=h2
           SVCB 2 . port=8443
           HTTPS 0 host
naptr      NAPTR 100 10 "S" "SIP+D2U" "" _http._tcp
nomail     MX  0 .
mxwild     MX  10 x.wild
mxalias    MX  10 alias
mxcut      MX  10 ns.cut
ptr        PTR host
; Sizes.
long       TXT "${"l".repeat(250)}" "${"m".repeat(250)}" "${"n".repeat(250)}"
longer     TXT "${"o".repeat(250)}" "${"p".repeat(250)}" "${"q".repeat(250)}" "${"r".repeat(250)}" "${"s".repeat(250)}" "${"t".repeat(250)}"
many       ${Array.from({ length: 40 }, (_, at) => `A 192.0.2.${100 + at}`).join("\n           ")}
`,
  "sub.diff.test": `$ORIGIN sub.diff.test.
$TTL 300
@      SOA ns1 hostmaster 7 1h 15m 4w 10m
       NS  ns1
ns1    A   192.0.2.70
www    A   192.0.2.71
up     CNAME host.diff.test.
*.w    A   192.0.2.72
`,
};
