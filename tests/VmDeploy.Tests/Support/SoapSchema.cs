using System.Xml;
using System.Xml.Schema;

namespace VmDeploy.Tests.Support;

/// <summary>The official vim25 schema. A real host refuses what the schema refuses, especially elements out of order.</summary>
internal static class SoapSchema
{
    private static readonly string[] s_file = ["vim25", "9.1", "soap11.xsd"];

    // Compiling takes seconds, so it is done once; only one reader at a time uses the compiled set.
    private static readonly Lazy<XmlSchemaSet?> s_schemas = new(() => SharedFolder.Find(s_file) is { } path ? Load(path) : null);
    private static readonly Lock s_gate = new();

    /// <summary>False if the schema is not on this machine.</summary>
    public static bool IsAvailable => SharedFolder.Find(s_file) is not null;

    /// <summary>Skips the test if the schema is missing.</summary>
    public static void Require() => SharedFolder.File(s_file);

    /// <summary>The schema errors of a whole SOAP request; empty if it is valid.</summary>
    public static IReadOnlyList<string> Validate(byte[] request)
    {
        var schemas = s_schemas.Value ?? throw new InvalidOperationException("The schema is not on this machine.");
        var violations = new List<string>();
        var settings = new XmlReaderSettings
        {
            ValidationType = ValidationType.Schema,
            ValidationFlags = XmlSchemaValidationFlags.ReportValidationWarnings,
            Schemas = schemas,
        };
        settings.ValidationEventHandler += (_, e) => violations.Add(e.Message);
        lock (s_gate)
        {
            using var reader = XmlReader.Create(new MemoryStream(request), settings);
            while (reader.Read())
            {
            }
        }
        return violations;
    }

    private static XmlSchemaSet Load(string path)
    {
        var schemas = new XmlSchemaSet { XmlResolver = new XmlUrlResolver() };
        schemas.Add(null, path);
        schemas.Compile();
        return schemas;
    }
}
