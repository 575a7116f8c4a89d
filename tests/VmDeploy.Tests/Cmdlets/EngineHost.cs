using System.Collections.Concurrent;
using System.Collections.ObjectModel;
using System.Globalization;
using System.Management.Automation;
using System.Management.Automation.Host;
using System.Security;

namespace VmDeploy.Tests.Cmdlets;

/// <summary>
/// The host of a test's engine: keeps the output, and answers questions from a queue. A question without a
/// queued answer fails the script.
/// </summary>
internal sealed class EngineHost : PSHost
{
    private readonly HostInterface _interface = new();

    /// <summary>What was written to the host, a line each; questions with their choices.</summary>
    public IReadOnlyList<string> Lines => [.. _interface.Lines];

    /// <summary>Answers to come: the letter of a choice (<c>Y</c>, <c>A</c>, <c>N</c>, <c>L</c>), a text, or a credential.</summary>
    public ConcurrentQueue<object> Answers => _interface.Answers;

    public override string Name => "VmDeploy.Tests";

    public override Version Version { get; } = new(1, 0);

    public override Guid InstanceId { get; } = Guid.NewGuid();

    public override CultureInfo CurrentCulture => CultureInfo.InvariantCulture;

    public override CultureInfo CurrentUICulture => CultureInfo.InvariantCulture;

    public override PSHostUserInterface UI => _interface;

    public override void EnterNestedPrompt() => throw new NotSupportedException();

    public override void ExitNestedPrompt() => throw new NotSupportedException();

    public override void NotifyBeginApplication()
    {
    }

    public override void NotifyEndApplication()
    {
    }

    public override void SetShouldExit(int exitCode)
    {
    }

    private sealed class HostInterface : PSHostUserInterface
    {
        public ConcurrentQueue<string> Lines { get; } = new();

        public ConcurrentQueue<object> Answers { get; } = new();

        public override PSHostRawUserInterface? RawUI => null;

        public override void Write(string value) => Lines.Enqueue(value);

        public override void Write(ConsoleColor foregroundColor, ConsoleColor backgroundColor, string value) => Write(value);

        public override void WriteLine(string value) => Write(value);

        public override void WriteErrorLine(string value) => Write(value);

        public override void WriteDebugLine(string message) => Write($"DEBUG: {message}");

        public override void WriteVerboseLine(string message) => Write($"VERBOSE: {message}");

        public override void WriteWarningLine(string message) => Write($"WARNING: {message}");

        public override void WriteProgress(long sourceId, ProgressRecord record)
        {
        }

        public override string ReadLine() => Next<string>("a line");

        public override SecureString ReadLineAsSecureString() => Engine.Secret(Next<string>("a secret line"));

        public override Dictionary<string, PSObject> Prompt(string caption, string message, Collection<FieldDescription> descriptions) =>
            descriptions.ToDictionary(field => field.Name, field => PSObject.AsPSObject(Next<object>($"{caption} {message} {field.Name}")));

        public override int PromptForChoice(string caption, string message, Collection<ChoiceDescription> choices, int defaultChoice)
        {
            Write($"{caption}\n{message}\n{string.Join(' ', choices.Select(choice => choice.Label))}");
            var letter = Next<string>(message);
            var chosen = choices.Select(choice => choice.Label).ToList().FindIndex(label => label.Contains("&" + letter, StringComparison.OrdinalIgnoreCase));
            return chosen >= 0 ? chosen : throw new HostException($"'{letter}' is not a choice of: {message}");
        }

        public override PSCredential PromptForCredential(string caption, string message, string userName, string targetName) =>
            Next<PSCredential>($"{caption} {message} {userName}");

        public override PSCredential PromptForCredential(string caption, string message, string userName, string targetName, PSCredentialTypes allowedCredentialTypes, PSCredentialUIOptions options) =>
            PromptForCredential(caption, message, userName, targetName);

        private T Next<T>(string question) => Answers.TryDequeue(out var answer) && answer is T fitting
            ? fitting
            : throw new HostException($"No answer was queued for: {question}");
    }
}
