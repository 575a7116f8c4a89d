using System.Text;
using System.Xml;

namespace VmDeploy.Transfer;

/// <summary>
/// Reads XML that a server sent: no DTD, and no more characters, elements, attributes and nesting than a real host sends.
/// Callers that build something from the elements call <see cref="Enter"/> at each.
/// </summary>
internal sealed class ReplyXml(XmlReader reader, CancellationToken cancellationToken)
{
    // Snapshots and folders nest; the readers recurse, which a thread's stack allows for some thousand levels.
    private const int MaxDepth = 500;
    private const int MaxElements = 5_000_000;
    private const int MaxAttributes = 100;
    private const long MaxCharacters = 128L << 20;
    private const int ElementsBetweenChecks = 1000;
    private const int BufferSize = 16 * 1024;

    private int _elements;

    /// <summary>The parser. It throws an <see cref="XmlException"/> for what is not XML, has a DTD or is too long.</summary>
    public XmlReader Reader { get; } = reader;

    public static ReplyXml Open(Stream reply, CancellationToken cancellationToken) =>
        new(XmlReader.Create(new TagLimiter(new StreamReader(reply, Encoding.UTF8, true, BufferSize)), Settings()), cancellationToken);

    public static ReplyXml Open(string fragment) => new(XmlReader.Create(new TagLimiter(new StringReader(fragment)), Settings()), CancellationToken.None);

    /// <summary>Counts the element that the reader is at.</summary>
    /// <exception cref="XmlException">There are too many, it has too many attributes, or it is nested too deep.</exception>
    public void Enter()
    {
        if (Reader.Depth > MaxDepth)
            throw new XmlException($"elements are nested more than {MaxDepth} deep");
        if (Reader.AttributeCount > MaxAttributes)
            throw new XmlException($"an element has more than {MaxAttributes} attributes");
        if (++_elements > MaxElements)
            throw new XmlException($"there are more than {MaxElements} elements");
        if (_elements % ElementsBetweenChecks == 0)
            cancellationToken.ThrowIfCancellationRequested();
    }

    /// <summary>Skips the content of the element that the reader is at; what is skipped counts for the limits.</summary>
    public void SkipContent()
    {
        if (Reader.IsEmptyElement)
            return;
        var depth = Reader.Depth;
        while (Reader.Read() && Reader.Depth > depth)
        {
            if (Reader.NodeType == XmlNodeType.Element)
                Enter();
        }
    }

    private static XmlReaderSettings Settings() => new()
    {
        DtdProcessing = DtdProcessing.Prohibit,
        XmlResolver = null,
        MaxCharactersInDocument = MaxCharacters,
        IgnoreComments = true,
        IgnoreProcessingInstructions = true,
        CloseInput = true,
    };

    /// <summary>
    /// Refuses a tag that is too long: the time that the parser takes for one grows with the square of its attributes. A tag has no
    /// &lt; but its first, so only what follows the last one of a buffer can be the start of a long tag.
    /// </summary>
    private sealed class TagLimiter(TextReader inner) : TextReader
    {
        private const int MaxLength = 64 * 1024;

        private bool _isInTag;
        private int _length;
        private char _quote;

        public override int Read(char[] buffer, int index, int count)
        {
            var read = inner.Read(buffer, index, count);
            var end = index + read;
            var last = read > 0 ? Array.LastIndexOf(buffer, '<', end - 1, read) : -1;
            if (last >= 0)
                (_isInTag, _length, _quote) = (true, 0, '\0');
            for (var i = last < 0 ? index : last + 1; i < end && _isInTag; i++)
            {
                if (++_length > MaxLength && _quote != '!')
                    throw new XmlException($"a tag is longer than {MaxLength} characters");
                if (_length == 1 && (buffer[i] == '!' || buffer[i] == '?'))
                    _quote = '!'; // a comment, CDATA or an instruction: it has no attributes
                else if (buffer[i] == '>' && (_quote == '\0' || _quote == '!'))
                    _isInTag = false;
                else if ((buffer[i] == '\'' || buffer[i] == '"') && _quote != '!')
                    _quote = _quote == '\0' ? buffer[i] : _quote == buffer[i] ? '\0' : _quote;
            }
            return read;
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                inner.Dispose();
            base.Dispose(disposing);
        }
    }
}
