/* SPDX-License-Identifier: GPL-3.0-or-later */
/* laws_format: laws that hold for every registered format. A new format adds its sample and is tested. */
#include "tests/support_command.h"
#include "tests/support_convert.h"
#include "tests/support_packets.h"
#include "tests/support_inspect.h"
#include "tests/support_trace.h"

#include "sim/alloc.h"
#include "traces/evt/layout.h"
#include "traces/registry.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include <cmocka.h>

enum { SEED = 20200301, MUTATIONS = 400 };

struct sample {
    const char *format;
    const char *bytes;
    size_t count;
    int rows, records;
};

#define TEXT(literal) literal, sizeof literal - 1

static char binaries[24][16384]; /* samples that main() packs */

static struct sample samples[] = {
    {"twitter",
     TEXT("0.024,user:17246,10,39,7,get,0\n0.048,cart:item,9,32,7,set,285\n"
          "1,a,b,3,0,1,get,0\n2,k,1,0,0,delete,0\n3,k,1,5,0,nop,0\n\n4,k,1,5,2,add,60\r\n"
          "5,k,1,0,0,expire,0\n6,k,1,3,0,incr,0\n"),
     8, 7},
    {"csv",
     TEXT("op_time,key,key_size,op,op_count,size,cache_hits,ttl\n"
          "10,2748536847,56,GET,2,21,2,0\r\n10,\"a,\"\"b\nc\",68,SET,1,11,0,7200\n"
          "11,k,,FROB,1,5,0,0\n\n11,d,,DELETE,1,0,0,0\n12,e,3,GET,5,0,0,0"),
     5, 9},
    {"oracleGeneral",
     TEXT("\1\0\0\0"
          "\7\0\0\0\0\0\0\0"
          "\0\2\0\0"
          "\2\0\0\0\0\0\0\0"
          "\1\0\0\0"
          "\x10\x27\0\0\0\0\0\0"
          "\0\1\0\0"
          "\377\377\377\377\377\377\377\377"
          "\2\1\0\0"
          "\7\0\0\0\0\0\0\0"
          "\1\0\0\0"
          "\377\377\377\377\377\377\377\377"),
     3, 3},
    {"monitor",
     TEXT("OK\n1700000000.123456 [0 127.0.0.1:51234] \"SET\" \"user:1\" \"caf\\xc3\\xa9\" \"EX\" "
          "\"60\"\n1700000000.123501 [0 unix:/run/my redis.sock] \"MGET\" \"a\" \"b\\n\" \"c\"\n"
          "+1700000000.123544 [3 lua] \"incr\" \"n\"\r\n1700000001.5 [0 lua] \"HSET\" \"h\" \"f\" "
          "\"v\"\n1700000002.000001 [1 [::1]:5] \"mset\" \"a\" \"1\" \"b\" \"2\"\n"),
     5, 8},
    {"arc", TEXT("110765 64 0 0\n110888 1 0 1\r\n\n209775 8 252 2\n7\t1  0 2\n"), 4, 74},
    {"msr",
     TEXT("128166372003061629,hm,0,Read,383496192,32768,58000\n128166372003061629,hm,1,Write,4095,2,41286\r\n"
          "\n128166372003061629,usr,1, Write ,4096,0,1\n128166372003061629,usr,1,read,12288,1,1\n"),
     4, 11},
    {"vscsi_csv",
     TEXT("version,time,op,size,lbn\n1,5633898,2a,512,42932745\r\n1,5633898,28,6656,40409911\n1,5633899,35,0,0\n"), 3,
     2},
    {"systor17", TEXT("1455592202.034412,0.000193,R,0,409600,4096\n1455592202.034412,,W,1,409601,4096\n"), 2, 3},
    {"alibaba_block", TEXT("419,W,8792731648,16384,1577808144360767\n725,R,59110326272,1,1577808144360767\n"), 2, 5},
    {"tencent_block", TEXT("1538323200,12910952,128,0,1063\n1538323200,6338688,8,1,1627\n"), 2, 17},
    {"spc", TEXT("0,20941264,8192,W,0.551706\n0,20939840,8192,w,0.551706\n1,3436288,15872,r,0.551706,x,0\n"), 3, 8},
    {"k5cloud", TEXT("1,0.000001,R,4096,8192\n1,0.000001,W,12288,512\n"), 2, 3},
    {"snia_enterprise",
     TEXT("DiskRead, 47, System ( 4), 88, 0xfffffa8012345678, 0x00000a2c00, 0x00001000, 214, 1, 0x060043, 214, Normal\n"
          " DiskWrite, 47, Idle ( 0), 0, 0xfffffa80deadbeef, 0x2000, 0x2000, 1, 0, 0x060043, 214, Normal, \"a,b\"\n"),
     2, 4},
    {"thesios",
     TEXT("filename,file_offset,application,c_time,io_zone,redundancy_type,op_type,service_class,from_flash_cache,"
          "cache_hit,request_io_size_bytes,disk_io_size_bytes,response_io_size_bytes,start_time,disk_time,"
          "simulated_disk_start_time,simulated_latency\n"
          "a8f3,0,bigtable,1705000000,WARM,REPLICATED,READ,OTHER,0,0,8192,8192,8192,1705283200.25,0.01,1705283200.3,"
          "0.01\nb771,4096,x,1705000000,COLD,ERASURE_CODED,WRITE,OTHER,0,-1,1,0,0,1705283200.25,0,0,0.001\n"),
     2, 3},
    {"meta_block",
     TEXT("op_time,block_id,block_id_size,io_size,io_offset,user_name,user_namespace,op_name,op_count,host_name,"
          "rs_shard_id\n1000.5,77,40,131072,0,u,n,getChunkData.Permanent,1,h,3\n"
          "1000.5,77,40,4096,8192,u,n,putChunk.NotInitialized,2,h,3\n"),
     2, 34},
    {"ibm_object",
     TEXT("1219008 REST.PUT.OBJECT 8d4fcda3d675bac9 1056\n1219008 REST.HEAD.OBJECT 39d177fb735ac5df 528\n"
          "1219008 REST.GET.OBJECT 8d4fcda3d675bac9 1056 0 528\n1219008 REST.GET.OBJECT ffff\n"
          "1219008 REST.DELETE.OBJECT 8d4fcda3d675bac9\n"),
     5, 4},
    {"tencent_photo",
     TEXT("20160201164559 8a2bfbcc1ce5cc0a1a0c56fcf0b5c7ab5c6a5f4c 5 m 4064 1 0 27\n"
          "20160201164559 8a2bfbcc1ce5cc0a1a0c56fcf0b5c7ab5c6a5f4c 0 l 14064 0 1 270\n"),
     2, 2},
    {"webcachesim", TEXT("0 1 120\n0 2 64\n0 1 120\n0 4 14\n"), 4, 4},
    {"wikibench",
     TEXT("929840853 1190146243.326 http://en.wikipedia.org/wiki/Main_Page -\n"
          "929840854 1190146243.326 http://de.wikipedia.org/w/index.php save\n"),
     2, 2},
    {"wikimedia",
     TEXT("relative_unix\thashed_host_path_query\tresponse_size\ttime_firstbyte\n3132\t-809104164\t202648\t1.76E-4\n"
          "3132\t399991460\t0\t2.17E-4\n"),
     2, 2},
    {"prefix_cache",
     TEXT("{\"timestamp\": 27482, \"input_length\": 6955, \"output_length\": 52, \"hash_ids\": [46, 47, "
          "\"a\\\"b\"]}\r\n\n"
          "{\"hash_ids\":[46],\"x\":{\"y\":[1,{}]},\"timestamp\":27482}\n"),
     2, 4},
    {"jsonl",
     TEXT("{\"timestamp\": 1.5, \"key\": \"user:1\", \"op\": \"set\", \"size\": 120, \"ttl\": 60}\r\n\n"
          "{\"op\":\"get\",\"key\":\"caf\\u00e9 "
          "\\\"x\\\"\",\"timestamp\":2,\"size\":null,\"tags\":[1,{\"a\":2}],\"op_count\":3}\n"
          "{\"op\":\"frob\",\"key\":7,\"timestamp\":2}\n{\"key\":7,\"timestamp\":2,\"size\":0,\"ttl\":-1}\n"),
     4, 5},
    {"txt", TEXT("user:17\n4711\r\n\nhttp://example.org/a?b=c\nuser:17\n"), 4, 4},
    {"lirs", TEXT("2819\n85\n*\n560\r\n\n 40\n85\n"), 5, 5},
    {"resp",
     TEXT("#TS:1700000000\r\n*2\r\n$6\r\nSELECT\r\n$1\r\n0\r\n*5\r\n$3\r\nSET\r\n$1\r\nk\r\n$5\r\na\r\nb\0\r\n"
          "$2\r\nPX\r\n$3\r\n100\r\n\r\n*3\r\n$3\r\ndel\r\n$1\r\na\r\n$1\r\nb\r\n*2\r\n$4\r\nFROB\r\n$0\r\n\r\n"),
     4, 4},
    {.format = "oracleGeneralOpNS", .bytes = binaries[0], .rows = 4, .records = 4},
    {.format = "lcs", .bytes = binaries[1], .rows = 3, .records = 3},
    {.format = "vscsi", .bytes = binaries[2], .rows = 4, .records = 3},
    {.format = "twr", .bytes = binaries[4], .rows = 5, .records = 5},
    {.format = "twrNS", .bytes = binaries[5], .rows = 4, .records = 4},
    {.format = "oracleSysTwrNS", .bytes = binaries[6], .rows = 4, .records = 4},
    {.format = "oracleSimTwrNS", .bytes = binaries[20], .rows = 4, .records = 4},
    {.format = "standardBinIQIBH", .bytes = binaries[21], .rows = 4, .records = 4},
    {.format = "standardBinIII", .bytes = binaries[22], .rows = 9, .records = 9},
    {.format = "standardBinIQQ", .bytes = binaries[23], .rows = 9, .records = 9},
    {.format = "CF1", .bytes = binaries[7], .rows = 9, .records = 9},
    {.format = "oracleCF1", .bytes = binaries[8], .rows = 4, .records = 4},
    {.format = "akamai", .bytes = binaries[9], .rows = 9, .records = 9},
    {.format = "oracleAkamai", .bytes = binaries[10], .rows = 4, .records = 4},
    {.format = "wiki16u", .bytes = binaries[11], .rows = 9, .records = 9},
    {.format = "oracleWiki16u", .bytes = binaries[12], .rows = 4, .records = 4},
    {.format = "wiki19u", .bytes = binaries[13], .rows = 9, .records = 9},
    {.format = "oracleWiki19u", .bytes = binaries[14], .rows = 4, .records = 4},
    {.format = "wiki19t", .bytes = binaries[15], .rows = 9, .records = 9},
    {.format = "valpin", .bytes = binaries[16], .rows = 12, .records = 12},
    {.format = "corda", .bytes = binaries[17], .rows = 12, .records = 12},
    {.format = "cache2k", .bytes = binaries[18], .rows = 12, .records = 12},
    {.format = "cloud_physics", .bytes = binaries[19], .rows = 12, .records = 12},
    {.format = "pcap", .bytes = binaries[3], .rows = 4, .records = 4},
    {.format = "evt", .rows = 8, .records = 7}, /* of twitter's */
    {"rdb", /* ctime; a string; one with a ttl and an idle time; a hash in a ziplist; a list with a counter in database 3 */
     TEXT("REDIS0009"
          "\372\005ctime\302\000\361Se"
          "\376\000\373\003\001"
          "\000\004name\005value"
          "\374`R\346\317\213\001\000\000\370\012\000\30190\300\007"
          "\015\004hash\020\020\000\000\000\000\000\000\000\002\000\000\001f\003\362\377"
          "\376\003\371\005\001\004list\002\001a\001b"
          "\377\372M:\010\357p\273\331"),
     4, 4},
};

static struct sample *sample_named(const char *format)
{
    for (size_t i = 0; i < sizeof samples / sizeof *samples; i++)
        if (!strcmp(samples[i].format, format))
            return &samples[i];
    return NULL;
}

#define ADD(letters, ...) sample->count += pack(to + sample->count, letters, __VA_ARGS__)
#define U(number)         ((uint64_t)(number))

/* A connection from its beginning to its end, all at one time, so that it may be there again and again. */
static void pack_packets(struct sample *sample, char *to)
{
    static const char ask[] =
        "*3\r\n$3\r\nSET\r\n$1\r\na\r\n$2\r\n12\r\nMGET a b\r\nFROB\r\n*2\r\n$3\r\nGET\r\n$1\r\na\r\n";
    static const char answer[] = "+OK\r\n*2\r\n$2\r\n12\r\n$-1\r\n-ERR unknown command\r\n$2\r\n12\r\n";
    const uint32_t asked = sizeof ask - 1, answered = sizeof answer - 1;
    const struct packet list[] = {
        {.flags = PACKET_SYN, .sequence = 99},
        {.from_server = true, .flags = PACKET_SYN | PACKET_ACK, .sequence = 49, .acknowledged = 100},
        {.flags = PACKET_ACK, .sequence = 110, .acknowledged = 50, .data = ask + 10, .bytes = asked - 10},
        {.flags = PACKET_ACK, .sequence = 100, .acknowledged = 50, .data = ask, .bytes = 12},
        {.from_server = true,
         .flags = PACKET_ACK,
         .sequence = 50,
         .acknowledged = 100 + asked,
         .data = answer,
         .bytes = answered},
        {.flags = PACKET_ACK | PACKET_FIN, .sequence = 100 + asked, .acknowledged = 50 + answered},
        {.from_server = true, .flags = PACKET_ACK | PACKET_FIN, .sequence = 50 + answered, .acknowledged = 101 + asked},
    };
    struct packets packets = {.link = 1};

    for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
        struct packet packet = list[i];

        packet.time_us = INT64_C(1700000000123456);
        packets_add(&packets, &packet);
    }
    memcpy(to, packets.bytes, packets.count);
    sample->count = packets.count;
    packets_release(&packets);
}

/* So often that no other format has as few records in it that it may be one. */
#define ADD_THRICE(...)                                                                                                \
    for (int i = 0; i < 3; i++)                                                                                        \
    ADD(__VA_ARGS__)

/* Of formats that are tables of places. */
static void pack_places(void)
{
    struct sample *sample;
    char *to;

    sample = sample_named("twr"), to = binaries[4];
    ADD("IQII", U(10), U(0x1122334455667788), U(300 | 17 << 22), U(1 << 24));
    ADD("IQII", U(10), U(5), U(0 | 9 << 22), U(1 << 24));
    ADD("IQII", U(11), U(6), U(12 | 9 << 22), U(3 << 24 | 60));
    ADD("IQII", U(11), U(5), U(9 << 22), U(9u << 24));
    ADD("IQII", U(12), U(7), U(1 | 2 << 22), U(11u << 24));
    sample = sample_named("twrNS"), to = binaries[5];
    ADD("IQIIH", U(10), U(77), U(300 | 17 << 22), U(1 << 24), U(4));
    ADD("IQIIH", U(10), U(5), U(0 | 9 << 22), U(1 << 24), U(4));
    ADD("IQIIH", U(11), U(6), U(12 | 9 << 22), U(3 << 24 | 60), U(5));
    ADD("IQIIH", U(11), U(5), U(9 << 22), U(9u << 24), U(4));
    sample = sample_named("oracleSysTwrNS"), to = binaries[6];
    ADD("IQHIHHIQ", U(10), U(77), U(17), U(300), U(1), U(4), U(0), U(2));
    ADD("IQHIHHIQ", U(10), U(5), U(9), U(0), U(1), U(4), U(60), U(3));
    ADD("IQHIHHIQ", U(11), U(77), U(17), U(12), U(3), U(5), U(UINT32_MAX), U(-1));
    ADD("IQHIHHIQ", U(11), U(5), U(9), U(0), U(9), U(4), U(0), U(INT64_MAX));
    sample = sample_named("oracleSimTwrNS"), to = binaries[20];
    ADD("IQIIHQ", U(10), U(77), U(300), U(60), U(4), U(2));
    ADD("IQIIHQ", U(10), U(5), U(0), U(0), U(4), U(3));
    ADD("IQIIHQ", U(11), U(77), U(300), U(UINT32_MAX), U(5), U(-1));
    ADD("IQIIHQ", U(11), U(5), U(12), U(0), U(4), U(INT64_MAX));
    sample = sample_named("standardBinIQIBH"), to = binaries[21];
    ADD("IQIBH", U(10), U(77), U(300), U(1), U(4));
    ADD("IQIBH", U(10), U(0x1122334455667788), U(0), U(1), U(4));
    ADD("IQIBH", U(11), U(77), U(12), U(3), U(5));
    ADD("IQIBH", U(12), U(5), U(0), U(9), U(4));
    sample = sample_named("standardBinIII"), to = binaries[22];
    ADD_THRICE("III", U(10), U(77), U(300));
    ADD_THRICE("III", U(10), U(5), U(0));
    ADD_THRICE("III", U(11), U(77), U(301));
    sample = sample_named("standardBinIQQ"), to = binaries[23];
    ADD_THRICE("IQQ", U(10), U(77), U(300));
    ADD_THRICE("IQQ", U(10), U(5), U(0));
    ADD_THRICE("IQQ", U(11), U(77), U(0x100000000));
    sample = sample_named("CF1"), to = binaries[7];
    ADD_THRICE("IQQIIIHHHBBB", U(10), U(77), U(300), U(60), U(1), U(9), U(0), U(0), U(0), U(1), U(2), U(3));
    ADD_THRICE("IQQIIIHHHBBB", U(10), U(5), U(0x100000000), U(0), U(1), U(9), U(0), U(0), U(0), U(1), U(2), U(3));
    ADD_THRICE("IQQIIIHHHBBB", U(11), U(77), U(0xffffffff00000005), U(UINT32_MAX), U(1), U(8), U(0), U(0), U(0), U(1),
               U(2), U(3));
    sample = sample_named("oracleCF1"), to = binaries[8];
    ADD("IQQIIIQHHHBBB", U(10), U(77), U(300), U(60), U(1), U(9), U(2), U(0), U(0), U(0), U(1), U(2), U(3));
    ADD("IQQIIIQHHHBBB", U(10), U(5), U(40), U(0), U(1), U(9), U(-1), U(0), U(0), U(0), U(1), U(2), U(3));
    ADD("IQQIIIQHHHBBB", U(11), U(77), U(300), U(60), U(1), U(8), U(3), U(0), U(0), U(0), U(1), U(2), U(3));
    ADD("IQQIIIQHHHBBB", U(11), U(77), U(300), U(60), U(1), U(8), U(-1), U(0), U(0), U(0), U(1), U(2), U(3));
    sample = sample_named("akamai"), to = binaries[9];
    ADD_THRICE("IQIHHH", U(10), U(77), U(300), U(1), U(2), U(3));
    ADD_THRICE("IQIHHH", U(10), U(5), U(0), U(1), U(2), U(3));
    ADD_THRICE("IQIHHH", U(12), U(77), U(300), U(2), U(2), U(3));
    sample = sample_named("oracleAkamai"), to = binaries[10];
    ADD("IQIHHHQ", U(10), U(77), U(300), U(1), U(2), U(3), U(2));
    ADD("IQIHHHQ", U(10), U(5), U(0), U(1), U(2), U(3), U(-1));
    ADD("IQIHHHQ", U(12), U(77), U(300), U(2), U(2), U(3), U(3));
    ADD("IQIHHHQ", U(12), U(77), U(300), U(2), U(2), U(3), U(-1));
    sample = sample_named("wiki16u"), to = binaries[11];
    ADD_THRICE("QIH", U(77), U(300), U(1));
    ADD_THRICE("QIH", U(5), U(0), U(2));
    ADD_THRICE("QIH", U(77), U(300), U(1));
    sample = sample_named("oracleWiki16u"), to = binaries[12];
    ADD("QIHQ", U(77), U(300), U(1), U(2));
    ADD("QIHQ", U(5), U(0), U(2), U(-1));
    ADD("QIHQ", U(77), U(300), U(1), U(3));
    ADD("QIHQ", U(77), U(300), U(1), U(-1));
    sample = sample_named("wiki19u"), to = binaries[13];
    ADD_THRICE("IQIH", U(10), U(77), U(300), U(1));
    ADD_THRICE("IQIH", U(10), U(5), U(0), U(2));
    ADD_THRICE("IQIH", U(11), U(77), U(300), U(1));
    sample = sample_named("oracleWiki19u"), to = binaries[14];
    ADD("IQIHQ", U(10), U(77), U(300), U(1), U(2));
    ADD("IQIHQ", U(10), U(5), U(0), U(2), U(-1));
    ADD("IQIHQ", U(11), U(77), U(300), U(1), U(3));
    ADD("IQIHQ", U(11), U(77), U(300), U(1), U(-1));
    sample = sample_named("wiki19t"), to = binaries[15];
    ADD_THRICE("IQI", U(10), U(77), U(300));
    ADD_THRICE("IQI", U(10), U(5), U(0));
    ADD_THRICE("IQI", U(11), U(77), U(300));
    sample = sample_named("valpin"), to = binaries[16];
    for (uint64_t object = 36; object; object -= 3) /* so that no field of another format is a time */
        ADD("Q", U(object));
    sample = sample_named("corda"), to = binaries[17];
    for (uint64_t object = 36; object; object -= 3) /* so that no field of another format is a time */
        ADD("Q", U(object));
    sample = sample_named("cache2k"), to = binaries[18];
    for (uint64_t object = 36; object; object -= 3) /* so that no field of another format is a time */
        ADD("I", U(object));
    sample = sample_named("cloud_physics"), to = binaries[19];
    for (uint64_t object = 36; object; object -= 3) /* so that no field of another format is a time */
        ADD("I", U(object));
}

static void pack_samples(void)
{
    const uint64_t magic = 0x123456789abcdef0;
    struct sample *sample = sample_named("oracleGeneralOpNS");
    char *to = binaries[0];

    /*               time      object              size    op    ns     next */
    ADD("IQIBHQ", U(1000), U(0x1122334455667788), U(300), U(1), U(7), U(2));
    ADD("IQIBHQ", U(1000), U(5), U(0), U(0), U(7), U(-1));
    ADD("IQIBHQ", U(1001), U(0x1122334455667788), U(301), U(3), U(8), U(-1));
    ADD("IQIBHQ", U(1003), U(6), U(10), U(255), U(0), U(INT64_MAX));

    sample = sample_named("lcs"), to = binaries[1];
    ADD("QQ1000Q21QQ", magic, U(3), magic);
    /*              time   object size   op, tenant    ttl    next */
    ADD("IQQIIQ", U(10), U(77), U(64), U(1 | 5 << 8), U(60), U(2));
    ADD("IQQIIQ", U(10), U(78), U(65), U(9 | 5 << 8), U(0), U(-1));
    ADD("IQQIIQ", U(12), U(77), U(66), U(3 | 6 << 8), U(UINT32_MAX), U(-1));

    pack_packets(sample_named("pcap"), binaries[3]);
    pack_places();
    sample = sample_named("vscsi"), to = binaries[2];
    /*               sn          bytes   sg    cmd       version    block       time us */
    ADD("IIIHHQQ", U(2147483892), U(512), U(1), U(0x2a), U(0x100), U(42932745), U(5633898368802));
    ADD("IIIHHQQ", U(2147483745), U(8192), U(1), U(0x28), U(0x100), U(42932746), U(5633898611441));
    ADD("IIIHHQQ", U(2147483746), U(0), U(0), U(0x35), U(0x100), U(0), U(5633898611442));
    ADD("IIIHHQQ", U(2147483747), U(4096), U(1), U(0x88), U(0x100), U(42932745), U(5633898745540));
}

/* A compiled trace is made of another one. */
static void make_compiled_sample(void)
{
    const struct sample *twitter = sample_named("twitter");
    struct sample *sample = sample_named("evt");
    struct converted *converted =
        convert_bytes((struct how){.format = "twitter"}, twitter->bytes, twitter->count, "evt", true);

    sample->bytes = converted->bytes;
    sample->count = converted->count;
    free(converted);
}

static const struct sample *sample_of(const struct format *format)
{
    const struct sample *sample = sample_named(format->name);

    if (!sample)
        fail_msg("format %s has no sample", format->name);
    return sample;
}

static struct reading *read_sample(const struct sample *sample, int room)
{
    return read_bytes((struct how){.format = sample->format, .room = room}, sample->bytes, sample->count);
}

/* Whether nothing in the bytes says that a trace is of this format, so that its name must. */
static bool needs_name(const char *format)
{
    static const char *const names[] = {"CF1",           "akamai",         "wiki16u",        "wiki19u",
                                        "wiki19t",       "valpin",         "corda",          "cache2k",
                                        "cloud_physics", "standardBinIII", "standardBinIQQ", "oracleSimTwrNS"};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (!strcmp(format, names[i]))
            return true;
    return false;
}

/* A file's name that says the format, if it needs one. */
static const char *name_for(const struct format *format, char name[64])
{
    if (!needs_name(format->name))
        return NULL;
    snprintf(name, 64, "x.%.*s.bin", (int)strcspn(format->file_names, " "), format->file_names);
    return name;
}

static void a_format_is_certain_of_its_own_sample_alone(void **state)
{
    (void)state;
    for (size_t i = 0; i < format_count; i++)
        for (size_t k = 0; k < format_count; k++) {
            const struct sample *sample = sample_of(formats[k]);
            char *exact = xmalloc(sample->count); /* nothing may be read beyond it */
            memcpy(exact, sample->bytes, sample->count);
            enum format_sureness sure = formats[i]->detect(exact, sample->count);
            if (i == k)
                assert_int_equal(sure, needs_name(sample->format) ? FORMAT_BY_NAME : FORMAT_CERTAIN);
            else if (formats[k]->looks_like == formats[i])
                assert_int_equal(sure, FORMAT_CERTAIN);
            else if (sure > FORMAT_BY_NAME)
                fail_msg("%s takes the sample of %s for its own", formats[i]->name, sample->format);
            else
                assert_int_equal(sure, sure == FORMAT_BY_NAME && formats[i]->file_names ? FORMAT_BY_NAME : FORMAT_NO);
            free(exact);
        }
}

static void detection_survives_any_prefix(void **state)
{
    (void)state;
    for (size_t k = 0; k < format_count; k++) {
        const struct sample *sample = sample_of(formats[k]);
        for (size_t bytes = 0; bytes < sample->count; bytes++) {
            char *exact = xmalloc(bytes + 1);
            memcpy(exact, sample->bytes, bytes);
            for (size_t i = 0; i < format_count; i++) {
                enum format_sureness sure = formats[i]->detect(exact, bytes);
                assert_in_range(sure, FORMAT_NO, FORMAT_CERTAIN);
            }
            free(exact);
        }
    }
}

static void a_detected_trace_reads_as_a_named_one(void **state)
{
    (void)state;
    for (size_t i = 0; i < format_count; i++) {
        const struct sample *sample = sample_of(formats[i]);
        struct reading *named = read_sample(sample, 64);
        char name[64];
        struct reading *detected =
            read_bytes((struct how){.name = name_for(formats[i], name)}, sample->bytes, sample->count);
        assert_string_equal(detected->format, formats[i]->name);
        assert_string_equal(detected->intake.named_format, needs_name(formats[i]->name) ? formats[i]->name : "");
        assert_int_equal(detected->intake.name_decided, needs_name(formats[i]->name));
        assert_string_equal(detected->text, named->text);
        assert_int_equal(named->intake.rows, sample->rows);
        assert_int_equal(named->count, sample->records);
        reading_free(named);
        reading_free(detected);
    }
}

static void room_does_not_change_the_records(void **state)
{
    (void)state;
    for (size_t i = 0; i < format_count; i++) {
        struct reading *all = read_sample(sample_of(formats[i]), 4096);
        for (int room = 1; room < 12; room++) {
            struct reading *some = read_sample(sample_of(formats[i]), room);
            assert_int_equal(some->status, 0);
            assert_string_equal(some->text, all->text);
            assert_string_equal(some->digest, all->digest);
            assert_int_equal(some->intake.rows, all->intake.rows);
            assert_int_equal(some->intake.unknown_commands, all->intake.unknown_commands);
            reading_free(some);
        }
        reading_free(all);
    }
}

static void compression_changes_neither_records_nor_digest(void **state)
{
    typedef void *(*compress_fn)(const void *, size_t, size_t *);
    static const compress_fn compress[] = {gzip_bytes, zstd_bytes};

    (void)state;
    for (size_t i = 0; i < format_count; i++) {
        const struct sample *sample = sample_of(formats[i]);
        struct reading *plain = read_sample(sample, 64);
        for (int k = 0; k < 2; k++) {
            size_t count;
            void *bytes = compress[k](sample->bytes, sample->count, &count);
            char name[64];
            struct reading *packed = read_bytes((struct how){.name = name_for(formats[i], name)}, bytes, count);
            assert_string_equal(packed->text, plain->text);
            assert_string_equal(packed->digest, plain->digest);
            reading_free(packed);
            free(bytes);
        }
        reading_free(plain);
    }
}

/* Whether the sample's first line is a header. */
static bool has_header(const struct sample *sample)
{
    static const char *const with[] = {"csv", "vscsi_csv", "thesios", "meta_block", "wikimedia"};

    for (size_t i = 0; i < sizeof with / sizeof *with; i++)
        if (!strcmp(sample->format, with[i]))
            return true;
    return false;
}

/* Of a header, which the trace has once. */
static size_t head_bytes(const struct sample *sample)
{
    if (has_header(sample))
        return (size_t)(strchr(sample->bytes, '\n') + 1 - sample->bytes);
    if (!strcmp(sample->format, "pcap"))
        return 24;
    return strcmp(sample->format, "lcs") ? 0 : 8192;
}

static bool is_binary(const struct sample *sample)
{
    return memchr(sample->bytes, '\0', sample->count);
}

static void a_long_trace_crosses_windows_unharmed(void **state)
{
    (void)state;
    for (size_t i = 0; i < format_count; i++) {
        const struct sample *sample = sample_of(formats[i]);
        const char *body = sample->bytes;
        size_t copies = formats[i]->loads || formats[i]->stands_for ? 1 : 8000, head = head_bytes(sample);
        bool binary = is_binary(sample);
        size_t each = sample->count - head + !binary; /* a newline between, which text formats ignore */
        char *trace = xmalloc(head + copies * each);
        memcpy(trace, body, head);
        for (size_t k = 0; k < copies; k++) {
            memcpy(trace + head + k * each, body + head, sample->count - head);
            if (!binary)
                trace[head + (k + 1) * each - 1] = '\n';
        }
        struct reading *r =
            read_bytes((struct how){.format = sample->format, .room = 4096}, trace, head + copies * each);
        assert_string_equal(r->error.text, "");
        assert_int_equal(r->count, (int)copies * sample->records);
        assert_int_equal(r->intake.rows, (int)copies * sample->rows);
        struct reading *one = read_sample(sample, 64);
        size_t length = strlen(one->text);
        for (size_t k = 0; k < copies; k++)
            assert_memory_equal(r->text + k * length, one->text, length);
        reading_free(one);
        reading_free(r);
        free(trace);
    }
}

static uint32_t next_random(uint32_t *random)
{
    *random = *random * 1664525 + 1013904223;
    return *random >> 8;
}

/* Changes, removes or repeats a few bytes; the result is at most twice as long. */
static size_t mutate(const struct sample *sample, char *to, uint32_t *random)
{
    static const char interesting[] = ",\"\n\r\\ \0\xff"
                                      "09-.:[]x";
    size_t count = sample->count;

    memcpy(to, sample->bytes, count);
    for (uint32_t edits = 1 + next_random(random) % 4; edits > 0 && count > 1; edits--) {
        size_t at = next_random(random) % count;
        size_t length = 1 + next_random(random) % 8;
        if (length > count - at)
            length = count - at;
        switch (next_random(random) % 4) {
        case 0:
            to[at] = (char)next_random(random);
            break;
        case 1:
            to[at] = interesting[next_random(random) % (sizeof interesting - 1)];
            break;
        case 2:
            memmove(to + at, to + at + length, count - at - length);
            count -= length;
            break;
        default:
            memmove(to + at + length, to + at, count - at);
            count += length;
        }
    }
    return count;
}

/* "x:17: ..." */
static bool names_file_and_line(const char *text)
{
    unsigned line = 0;
    int length = 0;

    return sscanf(text, "x:%u: %n", &line, &length) == 1 && line > 0 && length > 0 && text[length];
}

static void damage_is_an_error_with_a_place_or_is_skipped_and_counted(void **state)
{
    uint32_t random = SEED;
    int failures = 0;

    (void)state;
    printf("seed %d\n", SEED);
    for (size_t i = 0; i < format_count; i++) {
        const struct sample *sample = sample_of(formats[i]);
        char *damaged = xmalloc(2 * sample->count + 64);
        for (int k = 0; k < MUTATIONS; k++) {
            size_t count = mutate(sample, damaged, &random);
            struct how strict = {.format = sample->format, .room = 3};
            struct how lenient = {.format = sample->format, .room = 3, .lenient = true};
            char *path = write_temporary("x", damaged, count);
            struct reading *a = read_file(strict, path), *b = read_file(lenient, path);
            if (a->status < 0) {
                failures++;
                assert_int_equal(a->error.code, ERROR_INPUT);
                assert_true(names_file_and_line(a->error.text));
                assert_true(b->intake.skipped || b->status < 0);
                if (b->intake.skipped)
                    assert_string_equal(b->intake.first_skipped, a->error.text);
                assert_memory_equal(b->text, a->text, strlen(a->text));
            } else {
                assert_int_equal(b->intake.skipped, a->intake.skipped); /* what may legally be cut off */
                assert_string_equal(b->text, a->text);
            }
            assert_true(b->intake.skipped + b->intake.unknown_commands <= b->intake.rows);
            if (b->status < 0)
                assert_true(names_file_and_line(b->error.text));
            reading_free(a);
            reading_free(b);
            remove_temporary(path);
        }
        free(damaged);
    }
    assert_in_range(failures, MUTATIONS, MUTATIONS * (int)format_count);
}

static void an_empty_trace_has_no_records(void **state)
{
    (void)state;
    for (size_t i = 0; i < format_count; i++)
        expect_records((struct how){.format = formats[i]->name}, "", "");
    expect_error((struct how){0}, "", "x: the trace is empty");
}

static void what_no_format_recognizes_is_one_clear_error(void **state)
{
    char unknown[2048] = "unknown format 'twiter': it is one of ";

    (void)state;
    for (size_t i = 0; i < format_count; i++) {
        strcat(unknown, i ? ", " : "");
        strcat(unknown, formats[i]->name);
    }
    expect_error(
        (struct how){.name = "twitter.csv"}, "once upon a time\n",
        "twitter.csv: not recognized as a trace of any format (evsim run --help lists them): name it with --format, "
        "or the columns of a CSV file with --columns");
    expect_error((struct how){.format = "twiter"}, "a", unknown);
    expect_error((struct how){.format = "monitor", .columns = "key=1"}, "a",
                 "--columns is for csv and jsonl, format monitor has its own");
}

static void every_format_says_what_it_is(void **state)
{
    (void)state;
    for (size_t i = 0; i < format_count; i++) {
        struct error error = {0};
        assert_ptr_equal(format_find(formats[i]->name, &error), formats[i]);
        assert_in_range(strlen(formats[i]->summary), 10, 80);
        assert_true(formats[i]->detect && formats[i]->open && formats[i]->read);
    }
}

/* evsim inspect looks at a trace of any format. */
static void every_sample_can_be_inspected(void **state)
{
    (void)state;
    for (size_t i = 0; i < format_count; i++) {
        char *path = write_temporary("x", sample_of(formats[i])->bytes, sample_of(formats[i])->count);

        expect_inspected(formats[i], path);
        remove_temporary(path);
    }
}

/* ---- the compiled form ---- */

static void a_compiled_trace_has_the_records_of_its_source(void **state)
{
    (void)state;
    for (size_t i = 0; i < format_count; i++)
        for (int packs = 0; packs < 2; packs++) {
            const struct sample *sample = sample_of(formats[i]);
            struct how how = {.format = sample->format, .foresees = i % 2};
            struct converted *compiled = convert_bytes(how, sample->bytes, sample->count, "evt", packs);
            assert_string_equal(compiled->error.text, "");
            assert_int_equal(compiled->written, sample->records);
            assert_int_equal(compiled->omissions.count, 0);
            struct reading *source = read_sample(sample, 64);
            struct reading *made = read_bytes((struct how){0}, compiled->bytes, compiled->count);
            assert_string_equal(made->error.text, "");
            assert_string_equal(made->format, "evt");
            assert_string_equal(made->text, source->text);
            assert_int_equal(made->intake.rows, source->intake.rows);
            assert_int_equal(made->intake.unknown_commands, source->intake.unknown_commands);
            reading_free(source);
            reading_free(made);
            converted_free(compiled);
        }
}

/* ---- what evsim convert writes ---- */

static void text_and_oracle_general_come_back_from_the_compiled_form_as_they_were(void **state)
{
    static const char *const names[] = {"twitter", "csv", "oracleGeneral"};

    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const struct sample *sample = sample_named(names[i]);
        struct how how = {.format = sample->format, .lenient = true};
        struct converted *compiled = convert_bytes(how, sample->bytes, sample->count, "evt", true);
        struct converted *again = convert_bytes((struct how){0}, compiled->bytes, compiled->count, names[i], false);
        assert_string_equal(again->error.text, "");
        assert_int_equal(again->omissions.count, 0);
        assert_int_equal(again->count, sample->count);
        assert_memory_equal(again->bytes, sample->bytes, sample->count);
        converted_free(compiled);
        converted_free(again);
    }
}

/* Read back, what was written has what its kind can hold: written once more it is the same, and the compiled form of the
 * source gives the same as the source. */
static void what_was_written_is_read_back_whole(void **state)
{
    static const char *const names[] = {"twitter", "csv", "oracleGeneral", "lcs", "txt", "resp"};
    uint64_t written = 0;

    (void)state;
    for (size_t i = 0; i < format_count; i++)
        for (size_t k = 0; k < sizeof names / sizeof *names; k++) {
            const struct sample *sample = sample_of(formats[i]);
            struct how how = {.format = sample->format};
            struct converted *once = convert_bytes(how, sample->bytes, sample->count, names[k], false);
            assert_string_equal(once->error.text, "");
            assert_int_equal(once->written + once->left_out, sample->records);
            assert_true(!once->left_out || once->omissions.count);
            struct converted *compiled = convert_bytes(how, sample->bytes, sample->count, "evt", true);
            struct converted *other = convert_bytes((struct how){0}, compiled->bytes, compiled->count, names[k], false);
            assert_int_equal(other->count, once->count);
            assert_memory_equal(other->bytes, once->bytes, once->count);
            if (once->written) {
                struct how written_as = {.format = names[k]};
                struct converted *twice = convert_bytes(written_as, once->bytes, once->count, names[k], false);
                assert_string_equal(twice->error.text, "");
                assert_int_equal(twice->left_out, 0);
                assert_int_equal(twice->count, once->count);
                assert_memory_equal(twice->bytes, once->bytes, once->count);
                converted_free(twice);
            }
            written += once->written;
            converted_free(once);
            converted_free(compiled);
            converted_free(other);
        }
    assert_true(written > 500);
}

/* All that evsim run says of the one, it says of the other: of what the trace was, too. Of figures their data and scripts are
 * compared: gnuplot, which is not found here, draws the same from the same. */
static void a_compiled_trace_is_replayed_as_its_source(void **state)
{
    size_t drawn = 0;

    (void)state;
    for (size_t i = 0; i < format_count; i++) {
        const struct sample *sample = sample_of(formats[i]);
        char name[64], command[512];
        const char *called = name_for(formats[i], name) ? name : "x";
        char *path = write_temporary(called, sample->bytes, sample->count), *folder = xstrdup(path), *scripts;
        *strrchr(folder, '/') = '\0';
        snprintf(command, sizeof command,
                 "mkdir a b c && mv %s a && \"$EVSIM\" convert a/%s b/%s --to evt && "
                 "\"$EVSIM\" convert a/%s c/%s --to evt --next-access",
                 called, called, called, called, called);
        free(command_output_of(folder, command));
        snprintf(command, sizeof command,
                 "for d in a b; do (cd $d && PATH=/nowhere \"$EVSIM\" run %s -m 1mb,2mb -p allkeys-lru,volatile-ttl "
                 "-o out > table 2> notes || true); done; diff -r -x %s a b || exit 1; find a -name '*.gp'",
                 called, called);
        scripts = command_output_of(folder, command);
        drawn += strstr(scripts, ".gp") != NULL;
        free(scripts);
        snprintf(
            command, sizeof command,
            "test -s a/table && for d in a c; do (cd $d && \"$EVSIM\" run %s -m 1mb -p belady --json > result 2>&1 "
            "|| true); done; cmp a/result c/result && test -s c/result && rm -r a b c",
            called);
        free(command_output_of(folder, command));
        remove_temporary(path);
        free(folder);
    }
    assert_true(drawn > format_count / 2);
}

/* Any byte that is missing or another. */
static void expect_damage_found(const char *bytes, size_t count)
{
    char *damaged = xmalloc(count);

    for (size_t end = 8; end < count; end++) {
        struct reading *cut = read_bytes((struct how){.lenient = end % 2}, bytes, end);
        assert_int_equal(cut->status, -1);
        assert_non_null(strstr(cut->error.text, "at byte "));
        reading_free(cut);
    }
    for (size_t at = 8; at < count; at++) {
        memcpy(damaged, bytes, count);
        damaged[at] ^= (char)(1 << at % 8);
        struct reading *bad = read_bytes((struct how){.lenient = at % 2}, damaged, count);
        assert_int_equal(bad->status, -1);
        assert_non_null(strstr(bad->error.text, "at byte "));
        reading_free(bad);
    }
    free(damaged);
}

static void a_cut_or_damaged_compiled_trace_is_refused_with_its_place(void **state)
{
    const struct sample *sample = sample_named("evt"), *source = sample_named("twitter");
    struct how how = {.format = "twitter", .foresees = true};
    struct converted *foreseeing = convert_bytes(how, source->bytes, source->count, "evt", true);

    (void)state;
    expect_damage_found(sample->bytes, sample->count);
    assert_true(foreseeing->count > sample->count);
    expect_damage_found(foreseeing->bytes, foreseeing->count);
    converted_free(foreseeing);
}

/* The first block of a compiled trace with other ids, all greater by `more`, and with checksums that are right. */
static void shift_ids(char *file, size_t count, uint64_t more)
{
    char *block = memmem(file, count, EVT_BLOCK_MAGIC, EVT_MAGIC_BYTES), *body = block + EVT_BLOCK_HEAD_BYTES;
    uint32_t sections, bytes, shifted = 0;
    uint64_t sum, base;

    memcpy(&sections, block + 12, sizeof sections);
    memcpy(&bytes, block + 24, sizeof bytes);
    for (char *entry = body; entry < body + sections * EVT_SECTION_BYTES; entry += EVT_SECTION_BYTES)
        if (entry[0] == EVT_ID && !entry[1]) {
            memcpy(&base, entry + 16, sizeof base);
            base += more;
            memcpy(entry + 16, &base, sizeof base);
            shifted++;
        }
    assert_int_equal(shifted, 1);
    sum = XXH64(body, bytes, 0);
    memcpy(block + 32, &sum, sizeof sum);
    sum = XXH64(block, 40, 0);
    memcpy(block + 40, &sum, sizeof sum);
}

static void a_row_of_a_compiled_trace_names_no_key_that_has_not_come(void **state)
{
    static const uint64_t more[] = {
        0, 1, 1000, UINT64_C(1) << 30, (UINT64_C(1) << 31) - 9, UINT64_C(1) << 31, UINT64_C(3) << 30};
    const struct sample *source = sample_named("twitter");
    struct converted *whole =
        convert_bytes((struct how){.format = "twitter"}, source->bytes, source->count, "evt", true);

    (void)state;
    for (size_t i = 0; i < sizeof more / sizeof *more; i++) {
        char *file = xmalloc(whole->count), *path, *folder, *said;

        memcpy(file, whole->bytes, whole->count);
        shift_ids(file, whole->count, more[i]);
        path = write_temporary("x.evt", file, whole->count);
        folder = xstrdup(path);
        *strrchr(folder, '/') = '\0';
        said = command_output_of(folder, "\"$EVSIM\" run x.evt -s flat -m 1mb -p lru 2>&1 || true");
        if (!strstr(said, "a row names what has not come") == !!more[i])
            fail_msg("ids that are greater by %ju: %s", (uintmax_t)more[i], said);
        assert_true(!more[i] || strstr(said, "x.evt:1: block at byte "));
        free(said);
        free(folder);
        free(file);
        remove_temporary(path);
    }
    converted_free(whole);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_format_is_certain_of_its_own_sample_alone),
        cmocka_unit_test(detection_survives_any_prefix),
        cmocka_unit_test(a_detected_trace_reads_as_a_named_one),
        cmocka_unit_test(room_does_not_change_the_records),
        cmocka_unit_test(compression_changes_neither_records_nor_digest),
        cmocka_unit_test(a_long_trace_crosses_windows_unharmed),
        cmocka_unit_test(damage_is_an_error_with_a_place_or_is_skipped_and_counted),
        cmocka_unit_test(an_empty_trace_has_no_records),
        cmocka_unit_test(what_no_format_recognizes_is_one_clear_error),
        cmocka_unit_test(every_format_says_what_it_is),
        cmocka_unit_test(every_sample_can_be_inspected),
        cmocka_unit_test(a_compiled_trace_has_the_records_of_its_source),
        cmocka_unit_test(a_compiled_trace_is_replayed_as_its_source),
        cmocka_unit_test(text_and_oracle_general_come_back_from_the_compiled_form_as_they_were),
        cmocka_unit_test(what_was_written_is_read_back_whole),
        cmocka_unit_test(a_cut_or_damaged_compiled_trace_is_refused_with_its_place),
        cmocka_unit_test(a_row_of_a_compiled_trace_names_no_key_that_has_not_come),
    };

    command_init();
    pack_samples();
    make_compiled_sample();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
