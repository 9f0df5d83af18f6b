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
; Types that are rare.
rare       LOC 52 22 23.5 N 4 53 32 E -2.5m 0m 10000m 10m
           LOC 0 0 0.001 S 179 59 59.999 W 100
           EUI48 00-00-5e-00-53-2a
           EUI64 00-00-5e-ef-10-00-00-2a
           CSYNC 66 3 A NS AAAA TYPE1234
           CERT 1 12345 8 AQIDBAUG
           KX 10 host
           RT 10 host
           MINFO host mail
           MB host
           DHCID AAIBY2/AuCccgoJbsaxcQc9TUapptP69lOjxfNuVAA2kjEA=
           L32 10 10.1.2.0
           LP 10 host
           AFSDB 1 host
           RP host mail
           URI 10 1 "https://host.diff.test/"
           SSHFP 4 2 0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF
           TLSA 3 1 1 0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF
           OPENPGPKEY AQIDBAUG
           SVCB 3 host mandatory=alpn,port alpn="h2,h3" no-default-alpn port=8443 ipv4hint=192.0.2.1,192.0.2.2 ech=AQID ipv6hint=2001:db8::1 key667=x
           CDS 12345 13 2 0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF
           CDNSKEY 257 3 13 AQIDBAUG
           DNSKEY 257 3 13 AQIDBAUG
           SPF "v=spf1 -all"
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
