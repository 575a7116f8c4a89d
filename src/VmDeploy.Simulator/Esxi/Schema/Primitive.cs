using System.Collections.Frozen;
using System.Globalization;
using System.Xml;

namespace VmDeploy.Simulator.Esxi.Schema;

/// <summary>The XML Schema types that the interface uses, and their CLR types.</summary>
internal static class Primitive
{
    private static readonly FrozenDictionary<string, Func<string, object>> s_readers = new Dictionary<string, Func<string, object>>
    {
        ["string"] = text => text,
        ["anyURI"] = text => text,
        ["boolean"] = text => XmlConvert.ToBoolean(text),
        ["byte"] = text => XmlConvert.ToSByte(text),
        ["short"] = text => XmlConvert.ToInt16(text),
        ["int"] = text => XmlConvert.ToInt32(text),
        ["long"] = text => XmlConvert.ToInt64(text),
        ["float"] = text => XmlConvert.ToSingle(text),
        ["double"] = text => XmlConvert.ToDouble(text),
        ["dateTime"] = text => XmlConvert.ToDateTime(text, XmlDateTimeSerializationMode.RoundtripKind),
        ["base64Binary"] = Convert.FromBase64String,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    public static bool IsPrimitive(string type) => s_readers.ContainsKey(type);

    /// <exception cref="FormatException">The text is not of the type.</exception>
    /// <exception cref="OverflowException">It is too large for it.</exception>
    public static object Read(string type, string text) => s_readers[type](text);

    public static string Write(object value) => value switch
    {
        string text => text,
        bool truth => truth ? "true" : "false",
        DateTime time => XmlConvert.ToString(time, XmlDateTimeSerializationMode.Utc),
        byte[] bytes => Convert.ToBase64String(bytes),
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => throw new InvalidOperationException($"{value.GetType()} is not a primitive."),
    };

    /// <summary>The XML Schema name of a value in an element of any type.</summary>
    public static string NameOf(object value) => value switch
    {
        string => "string",
        bool => "boolean",
        sbyte => "byte",
        short => "short",
        int => "int",
        long => "long",
        float => "float",
        double => "double",
        DateTime => "dateTime",
        byte[] => "base64Binary",
        _ => throw new InvalidOperationException($"{value.GetType()} is not a primitive."),
    };
}
