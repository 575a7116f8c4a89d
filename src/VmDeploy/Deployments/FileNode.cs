using System.Collections;
using System.Management.Automation.Language;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

namespace VmDeploy.PowerShell;

/// <summary>A value of a deployment's file: an object with members, a list, or a single value, with the line that it stands on.</summary>
internal sealed class FileNode
{
    // Deeper than any valid file.
    private const int Deepest = 64;

    private FileNode(int line, object? value, IReadOnlyList<KeyValuePair<string, FileNode>>? members, IReadOnlyList<FileNode>? items)
    {
        Line = line;
        Value = value;
        Members = members;
        Items = items;
    }

    /// <summary>The line, from 1; 0 where it is not known.</summary>
    public int Line { get; }

    /// <summary>A text, a number, true, false or null.</summary>
    public object? Value { get; }

    /// <summary>A null value.</summary>
    public bool IsNull => Value is null && Members is null && Items is null;

    /// <summary>The members of an object; null for other values.</summary>
    public IReadOnlyList<KeyValuePair<string, FileNode>>? Members { get; }

    /// <summary>The members of a list; null for other values.</summary>
    public IReadOnlyList<FileNode>? Items { get; }

    /// <summary>Reads JSON; comments are allowed.</summary>
    /// <exception cref="VmDeployException"><c>DeploymentFileInvalid</c>.</exception>
    public static FileNode ReadJson(TextReader text, string path)
    {
        try
        {
            using var reader = new JsonTextReader(text) { MaxDepth = Deepest, DateParseHandling = DateParseHandling.None };
            var token = JToken.ReadFrom(reader, new JsonLoadSettings
            {
                CommentHandling = CommentHandling.Ignore,
                LineInfoHandling = LineInfoHandling.Load,
                DuplicatePropertyNameHandling = DuplicatePropertyNameHandling.Error,
            });
            while (reader.Read())
            {
                if (reader.TokenType != JsonToken.Comment)
                    throw new JsonReaderException("Text after the end of the file's object.", "", reader.LineNumber, reader.LinePosition, null);
            }
            return From(token);
        }
        catch (JsonException e)
        {
            throw new VmDeployException(ErrorCodes.DeploymentFileInvalid, $"'{path}' is not valid JSON: {e.Message}", path, e);
        }
    }

    /// <summary>Reads a file of PowerShell data; it is not executed.</summary>
    /// <exception cref="VmDeployException"><c>DeploymentFileInvalid</c>.</exception>
    public static FileNode ReadData(string path)
    {
        var script = Parser.ParseFile(path, out _, out var errors);
        if (errors.Length > 0)
            throw new VmDeployException(ErrorCodes.DeploymentFileInvalid, $"'{path}', line {errors[0].Extent.StartLineNumber}: {errors[0].Message}", path);
        return script.Find(one => one is HashtableAst, searchNestedScriptBlocks: false) is HashtableAst table ? From(table, path, 0)
            : throw new VmDeployException(ErrorCodes.DeploymentFileInvalid, $"'{path}' contains no hashtable.", path);
    }

    /// <summary>Reads a hashtable, or an object as ConvertFrom-Json emits it.</summary>
    public static FileNode From(object? value, int depth = 0)
    {
        if (depth > Deepest)
            throw new VmDeployException(ErrorCodes.DeploymentFileInvalid, $"The deployment is nested more than {Deepest} levels deep.");
        var plain = value is PSObject { BaseObject: not PSCustomObject } wrapped ? wrapped.BaseObject : value;
        return plain switch
        {
            IDictionary map => new(0, null, map.Cast<DictionaryEntry>().Select(entry => new KeyValuePair<string, FileNode>(LanguagePrimitives.ConvertTo<string>(entry.Key), From(entry.Value, depth + 1)))
                .OrderBy(entry => entry.Key, StringComparer.Ordinal).ToList(), null),
            PSObject custom => new(0, null, custom.Properties.Where(one => one.MemberType == PSMemberTypes.NoteProperty)
                .Select(one => new KeyValuePair<string, FileNode>(one.Name, From(one.Value, depth + 1))).ToList(), null),
            IEnumerable list and not string => new(0, null, null, list.Cast<object?>().Select(one => From(one, depth + 1)).ToList()),
            _ => new(0, plain, null, null),
        };
    }

    /// <summary>The value as PowerShell has it after ConvertFrom-Json.</summary>
    public object? ToPowerShell()
    {
        if (Items is not null)
            return Items.Select(one => one.ToPowerShell()).ToArray();
        if (Members is null)
            return Value;
        var custom = new PSObject();
        foreach (var member in Members)
            custom.Properties.Add(new PSNoteProperty(member.Key, member.Value.ToPowerShell()));
        return custom;
    }

    /// <summary>The same with the members of its objects by name, since their order means nothing.</summary>
    public FileNode Sorted() => new(Line, Value, Members?.Select(member => new KeyValuePair<string, FileNode>(member.Key, member.Value.Sorted())).OrderBy(member => member.Key, StringComparer.Ordinal).ToList(),
        Items?.Select(one => one.Sorted()).ToList());

    /// <summary>The same with other texts.</summary>
    public FileNode Map(Func<string, FileNode, string> replace) => new(Line, Value is string text ? replace(text, this) : Value,
        Members?.Select(member => new KeyValuePair<string, FileNode>(member.Key, member.Value.Map(replace))).ToList(), Items?.Select(one => one.Map(replace)).ToList());

    // SafeGetValue knows no lines, and refuses large tables.
    private static FileNode From(Ast ast, string path, int depth)
    {
        var line = ast.Extent.StartLineNumber;
        if (depth > Deepest)
            throw new VmDeployException(ErrorCodes.DeploymentFileInvalid, $"'{path}', line {line}: the deployment is nested more than {Deepest} levels deep.", path);
        return ast switch
        {
            HashtableAst table => new(line, null, table.KeyValuePairs.Select(pair => new KeyValuePair<string, FileNode>(
                LanguagePrimitives.ConvertTo<string>(From(pair.Item1, path, depth + 1).Value), From(pair.Item2, path, depth + 1))).ToList(), null),
            ArrayLiteralAst list => new(line, null, null, list.Elements.Select(one => From(one, path, depth + 1)).ToList()),
            ArrayExpressionAst array => new(line, null, null, array.SubExpression.Statements.Select(one => From(one, path, depth + 1))
                .SelectMany(one => one.Items ?? [one]).ToList()),
            PipelineAst { PipelineElements: { Count: 1 } elements } when elements[0] is CommandExpressionAst { Redirections.Count: 0 } single => From(single.Expression, path, depth),
            ParenExpressionAst inner => From(inner.Pipeline, path, depth + 1),
            ConstantExpressionAst constant => new(line, constant.Value, null, null),
            VariableExpressionAst { VariablePath.UserPath: var name } when name.ToLowerInvariant() is "true" or "false" or "null" =>
                new(line, name.ToLowerInvariant() switch { "true" => true, "false" => false, _ => null }, null, null),
            UnaryExpressionAst { TokenKind: TokenKind.Minus, Child: ConstantExpressionAst { Value: int or long or double } number } =>
                new(line, LanguagePrimitives.ConvertTo<double>(number.Value) * -1, null, null),
            _ => throw new VmDeployException(ErrorCodes.DeploymentFileInvalid, $"'{path}', line {line}: {ast.Extent.Text.Split('\n')[0].Trim()} is not data.", path),
        };
    }

    private static FileNode From(JToken token)
    {
        var line = ((IJsonLineInfo)token).LineNumber;
        return token switch
        {
            JObject map => new(line, null, map.Properties().Select(one => new KeyValuePair<string, FileNode>(one.Name, From(one.Value))).ToList(), null),
            JArray list => new(line, null, null, list.Select(one => From(one)).ToList()),
            JValue single => new(line, single.Value, null, null),
            _ => throw new JsonReaderException($"A {token.Type} is not data.", "", line, 0, null),
        };
    }
}
