/* A head block, read in one pass, if it is plain; message/scan.py says what that is, and does the
   same in Python.

   Rule of this file: it decides nothing. For whatever is not plain the answer is None, and message/parser.py reads the
   block; so nothing may be taken here that is refused there. Names that are known beforehand cost no allocation, others
   one each; nothing is remembered of what strangers send. */

#define Py_LIMITED_API 0x030A0000
#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <stdint.h>
#include <string.h>

#define SLOTS 1024 /* a power of two, four times as many as names */
#define LONGEST 63 /* bytes of a known name */
#define SMALL 4096 /* bytes of fields that are put together on the stack */
#define MOST 200   /* fields; message/parser.py's FIELD_LIMIT */
#define TARGET 16384 /* bytes of a request target; message/parser.py's TARGET_LIMIT */

enum { DROPPED = 1, MARKED = 2 };

#define METHODS 7
static const char *METHOD[METHODS] = {"GET ", "POST ", "HEAD ", "PUT ", "PATCH ", "DELETE ", "OPTIONS "};
static const Py_ssize_t LENGTH[METHODS] = {4, 5, 5, 4, 6, 7, 8};

typedef struct {
    uint8_t length; /* 0: free */
    uint8_t flags;
    char text[LONGEST + 1];
    PyObject *lower;
} Name;

typedef struct {
    PyObject_HEAD
    PyObject *dropped, *marked, *methods[METHODS];
    Name names[SLOTS];
} Scanner;

/* 0: no token character; else the character in lower case */
static unsigned char LOWER[256];
/* whether a byte may stand in a value, and in a request target: there visible ASCII may, except for a fragment's # */
static unsigned char VALUE[256], SEEN[256];

static void prepare(void)
{
    const char *marks = "!#$%&'*+-.^_`|~";
    for (int c = '0'; c <= '9'; c++) LOWER[c] = (unsigned char)c;
    for (int c = 'a'; c <= 'z'; c++) LOWER[c] = LOWER[c - 32] = (unsigned char)c;
    for (; *marks; marks++) LOWER[(unsigned char)*marks] = (unsigned char)*marks;
    for (int c = 0x20; c < 0x100; c++) VALUE[c] = c != 0x7f;
    VALUE['\t'] = 1;
    for (int c = 0x21; c < 0x7f; c++) SEEN[c] = c != '#';
}

/* Whether all of eight bytes may stand in a value: none below 0x20, none 0x7f. A tab is told from the others one by one. */
static int sound(const char *p)
{
    const uint64_t ones = ~(uint64_t)0 / 255, high = ones * 128;
    uint64_t eight, deleted;
    memcpy(&eight, p, 8);
    deleted = eight ^ ones * 127;
    return !((((eight - ones * 32) & ~eight) | ((deleted - ones) & ~deleted)) & high);
}

static uint32_t mixed(uint32_t hash, unsigned char c) { return (hash ^ c) * 16777619u; }

static int flags_of(Scanner *self, PyObject *lower)
{
    int dropped = PySequence_Contains(self->dropped, lower), marked = PySequence_Contains(self->marked, lower);
    return dropped < 0 || marked < 0 ? -1 : (dropped ? DROPPED : 0) | (marked ? MARKED : 0);
}

static Name *slot_of(Scanner *self, const char *text, Py_ssize_t length, uint32_t hash)
{
    Name *name;
    for (uint32_t at = hash;; at++) {
        name = &self->names[at & (SLOTS - 1)];
        if (!name->length || (name->length == length && !memcmp(name->text, text, (size_t)length))) return name;
    }
}

static PyObject *lowered(const char *text, Py_ssize_t length)
{
    PyObject *made = PyBytes_FromStringAndSize(NULL, length);
    char *to = made ? PyBytes_AsString(made) : NULL;
    for (Py_ssize_t i = 0; made && i < length; i++) to[i] = (char)LOWER[(unsigned char)text[i]];
    return made;
}

/* Reads the fields that begin at `at`. What is found begins with `method` and `target` where these are given. */
static PyObject *fields(Scanner *self, const char *text, Py_ssize_t size, Py_ssize_t at, PyObject *method, PyObject *target)
{
    PyObject *combined = NULL, *result = NULL;
    char *copy = NULL, small[SMALL];
    Py_ssize_t count = 0, written = 0;
    int flags = 0;
    if (!(combined = PyDict_New())) return NULL;
    copy = size - at <= SMALL ? small : PyMem_Malloc((size_t)(size - at));
    if (!copy) {
        PyErr_NoMemory();
        goto done;
    }
    for (;;) {
        const char *name = text + at, *end = text + size, *p = name, *value;
        uint32_t hash = 2166136261u;
        Py_ssize_t length;
        Name *known = NULL;
        PyObject *lower, *held;
        int own;
        if (end - p >= 2 && p[0] == '\r') {
            if (p[1] != '\n' || end - p != 2) goto strange;
            break;
        }
        while (p < end && LOWER[(unsigned char)*p]) hash = mixed(hash, (unsigned char)*p++);
        length = p - name;
        if (!length || end - p < 5 || p[0] != ':' || p[1] != ' ') goto strange;
        value = p += 2;
        while (end - p >= 8 && sound(p)) p += 8;
        while (p < end && VALUE[(unsigned char)*p]) p++;
        if (end - p < 2 || p[0] != '\r' || p[1] != '\n' || p == value || *value == ' ' || *value == '\t' || p[-1] == ' ' ||
            p[-1] == '\t' || ++count > MOST)
            goto strange;
        if (length <= LONGEST) known = slot_of(self, name, length, hash);
        if (known && known->length) {
            lower = known->lower;
            own = known->flags;
            Py_INCREF(lower);
        } else {
            if (!(lower = lowered(name, length))) goto done;
            if ((own = flags_of(self, lower)) < 0) {
                Py_DECREF(lower);
                goto done;
            }
        }
        held = PyBytes_FromStringAndSize(value, p - value);
        if (!held || PyDict_SetItem(combined, lower, held) < 0) {
            Py_XDECREF(held);
            Py_DECREF(lower);
            goto done;
        }
        Py_DECREF(held);
        Py_DECREF(lower);
        p += 2;
        if (!(own & DROPPED)) {
            memcpy(copy + written, name, (size_t)(p - name));
            written += p - name;
        }
        flags |= own;
        at = p - text;
    }
    if (PyDict_Size(combined) != count) goto strange; /* a name repeats */
    {
        PyObject *whole = PyBytes_FromStringAndSize(copy, written), *told = whole ? PyLong_FromLong(!!(flags & MARKED)) : NULL;
        if (told && method) result = PyTuple_Pack(5, method, target, combined, whole, told);
        if (told && !method) result = PyTuple_Pack(3, combined, whole, told);
        Py_XDECREF(whole);
        Py_XDECREF(told);
    }
    goto done;
strange:
    result = Py_None;
    Py_INCREF(result);
done:
    if (copy != small) PyMem_Free(copy);
    Py_XDECREF(combined);
    return result;
}

static PyObject *scan(PyObject *object, PyObject *const *args, Py_ssize_t given)
{
    char *text;
    Py_ssize_t size, at;
    if (given != 2) {
        PyErr_SetString(PyExc_TypeError, "scan takes a block and where its first field begins");
        return NULL;
    }
    at = PyNumber_AsSsize_t(args[1], PyExc_OverflowError);
    if ((at == -1 && PyErr_Occurred()) || PyBytes_AsStringAndSize(args[0], &text, &size) < 0) return NULL;
    if (at < 0 || at > size) {
        PyErr_SetString(PyExc_IndexError, "outside the block");
        return NULL;
    }
    return fields((Scanner *)object, text, size, at, NULL, NULL);
}

static PyObject *request(PyObject *object, PyObject *block)
{
    Scanner *self = (Scanner *)object;
    PyObject *result, *target;
    char *text;
    const char *p, *end, *begin;
    Py_ssize_t size;
    int which = 0;
    if (PyBytes_AsStringAndSize(block, &text, &size) < 0) return NULL;
    end = text + size;
    while (which < METHODS && (size < LENGTH[which] || memcmp(text, METHOD[which], (size_t)LENGTH[which]))) which++;
    if (which == METHODS) Py_RETURN_NONE;
    begin = p = text + LENGTH[which];
    while (p < end && SEEN[(unsigned char)*p]) p++;
    if (p == begin || *begin != '/' || p - begin > TARGET || end - p < 11 || memcmp(p, " HTTP/1.1\r\n", 11)) Py_RETURN_NONE;
    if (!(target = PyBytes_FromStringAndSize(begin, p - begin))) return NULL;
    result = fields(self, text, size, p + 11 - text, self->methods[which], target);
    Py_DECREF(target);
    return result;
}

static int learn(Scanner *self, PyObject *raw)
{
    char *text;
    Py_ssize_t length;
    uint32_t hash = 2166136261u;
    Name *name;
    int flags;
    if (PyBytes_AsStringAndSize(raw, &text, &length) < 0) return -1;
    if (length < 1 || length > LONGEST) {
        PyErr_SetString(PyExc_ValueError, "a name is too long");
        return -1;
    }
    for (Py_ssize_t i = 0; i < length; i++) hash = mixed(hash, (unsigned char)text[i]);
    name = slot_of(self, text, length, hash);
    if (name->length) return 0;
    if (!(name->lower = lowered(text, length)) || (flags = flags_of(self, name->lower)) < 0) return -1;
    name->flags = (uint8_t)flags;
    memcpy(name->text, text, (size_t)length);
    name->length = (uint8_t)length;
    return 1;
}

static PyObject *scanner_new(PyTypeObject *type, PyObject *args, PyObject *named)
{
    static char *words[] = {"names", "dropped", "marked", NULL};
    PyObject *names, *dropped, *marked, *iterator, *raw;
    Scanner *self;
    int learned = 0, more = 0;
    allocfunc allocate = (allocfunc)PyType_GetSlot(type, Py_tp_alloc);
    if (!PyArg_ParseTupleAndKeywords(args, named, "OOO", words, &names, &dropped, &marked)) return NULL;
    if (!(self = (Scanner *)allocate(type, 0))) return NULL;
    Py_INCREF(dropped);
    Py_INCREF(marked);
    self->dropped = dropped;
    self->marked = marked;
    for (int i = 0; i < METHODS; i++)
        if (!(self->methods[i] = PyBytes_FromStringAndSize(METHOD[i], LENGTH[i] - 1))) goto failed;
    if (!(iterator = PyObject_GetIter(names))) goto failed;
    while ((raw = PyIter_Next(iterator))) {
        more = learn(self, raw);
        Py_DECREF(raw);
        if (more < 0 || (learned += more) > SLOTS / 4) break;
    }
    Py_DECREF(iterator);
    if (learned > SLOTS / 4) PyErr_SetString(PyExc_ValueError, "too many names");
    if (PyErr_Occurred()) goto failed;
    return (PyObject *)self;
failed:
    Py_DECREF(self);
    return NULL;
}

static void scanner_dealloc(PyObject *object)
{
    Scanner *self = (Scanner *)object;
    PyTypeObject *type = Py_TYPE(object);
    freefunc release = (freefunc)PyType_GetSlot(type, Py_tp_free);
    for (int i = 0; i < SLOTS; i++) Py_XDECREF(self->names[i].lower);
    for (int i = 0; i < METHODS; i++) Py_XDECREF(self->methods[i]);
    Py_XDECREF(self->dropped);
    Py_XDECREF(self->marked);
    release(object);
    Py_DECREF(type);
}

static PyMethodDef methods[] = {
    {"request", request, METH_O, "request(block): method, target, and what scan gives; or None."},
    {"scan", (PyCFunction)(void (*)(void))scan, METH_FASTCALL, "scan(block, at): combined fields, the lines to keep, whether a name is marked; or None."},
    {NULL, NULL, 0, NULL},
};
static PyType_Slot slots[] = {
    {Py_tp_new, scanner_new}, {Py_tp_dealloc, scanner_dealloc}, {Py_tp_methods, methods}, {0, NULL},
};
static PyType_Spec spec = {"webproxy.message._scan.Scanner", sizeof(Scanner), 0, Py_TPFLAGS_DEFAULT, slots};

static int execute(PyObject *module)
{
    PyObject *type = PyType_FromSpec(&spec);
    int done;
    prepare();
    if (!type) return -1;
    done = PyModule_AddObjectRef(module, "Scanner", type);
    Py_DECREF(type);
    return done;
}

static PyModuleDef_Slot module_slots[] = {{Py_mod_exec, execute}, {0, NULL}};
static PyModuleDef module = {PyModuleDef_HEAD_INIT, "_scan", NULL, 0, NULL, module_slots, NULL, NULL, NULL};

PyMODINIT_FUNC PyInit__scan(void) { return PyModuleDef_Init(&module); }
