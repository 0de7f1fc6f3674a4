// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {CreditBook} from "./CreditBook.sol";
import {Guarded} from "./Guarded.sol";
import {SignerSet} from "./SignerSet.sol";

/// @title LimitBook
/// @notice The personal limits that hold on this chain. A limit arrives as a signed certificate that anyone may post;
///         one that does not fit every bound is refused whole, never trimmed to fit.
/// @dev USD × 1e18, rates in parts per million (ppm), times in unix seconds.
contract LimitBook is CreditBook {
    /// @notice The certificate. Its name in EIP-712 is `Limit`.
    /// @param participantId Who the limit is for, over all accounts.
    /// @param account The account that may carry the risk.
    /// @param venue The contract the risk is carried at.
    /// @param market What is traded there.
    /// @param maxNotional Greatest notional of the account in this market, USD × 1e18. 0 is a cut to nothing.
    /// @param credit What the participant's collateral counts for at this venue, one figure for all its markets,
    ///        USD × 1e18.
    /// @param imPpm Initial margin at `maxNotional`, ppm of notional.
    /// @param sequence Rises strictly per account, venue and market.
    /// @param epoch The signers' epoch.
    /// @param inputsHash What the limit was computed from.
    /// @param modelHash The model that forecast the volatility.
    /// @param paramsHash The parameters it was computed with.
    struct Limit {
        bytes32 participantId;
        address account;
        address venue;
        bytes32 market;
        uint128 maxNotional;
        uint128 credit;
        uint32 imPpm;
        uint64 sequence;
        uint64 issuedAt;
        uint64 expiresAt;
        uint32 epoch;
        bytes32 inputsHash;
        bytes32 modelHash;
        bytes32 paramsHash;
    }

    /// @notice The bounds of this book. They do not change after deployment.
    /// @param maxTtlSeconds Longest life of a certificate.
    /// @param maxFutureSeconds How far a certificate's `issuedAt` may lie ahead of the chain's clock.
    /// @param minImPpm Least initial margin, ppm.
    /// @param maxImPpm Greatest initial margin, ppm.
    /// @param maxNotional Greatest notional of any certificate, USD × 1e18.
    /// @param maxCredit Greatest credit of any certificate, USD × 1e18.
    /// @param bootstrapNotional What a first certificate may grant without drawing on the growth bucket, USD × 1e18.
    /// @param raisePerHour Size of the growth bucket, and what flows back into it in an hour, USD × 1e18.
    struct Config {
        uint32 maxTtlSeconds;
        uint32 maxFutureSeconds;
        uint32 minImPpm;
        uint32 maxImPpm;
        uint128 maxNotional;
        uint128 maxCredit;
        uint128 bootstrapNotional;
        uint128 raisePerHour;
    }

    /// @notice What a limit is kept under.
    struct Key {
        address account;
        address venue;
        bytes32 market;
    }

    /// @notice What holds for a key.
    /// @param maxNotional Of the last accepted certificate, live or not, USD × 1e18.
    /// @param imPpm Of the last accepted certificate, live or not.
    /// @param sequence Of the last accepted certificate; 0 if there never was one.
    /// @param live Not expired, of the current epoch, and the book is not paused.
    /// @param credit Of the account at the venue, USD × 1e18.
    /// @param ceiling Greatest `maxNotional` the book would accept now, USD × 1e18.
    struct Standing {
        uint128 maxNotional;
        uint32 imPpm;
        uint32 epoch;
        uint64 sequence;
        uint64 issuedAt;
        uint64 expiresAt;
        bool live;
        uint128 credit;
        uint128 ceiling;
    }

    /// @dev Two storage slots. `spent` is what the growth bucket had given out, as of `spentAt`.
    struct Accepted {
        uint128 maxNotional;
        uint64 sequence;
        uint32 imPpm;
        uint32 epoch;
        uint128 spent;
        uint40 spentAt;
        uint40 issuedAt;
        uint40 expiresAt;
    }

    bytes32 public constant LIMIT_TYPEHASH = keccak256(
        "Limit(bytes32 participantId,address account,address venue,bytes32 market,uint128 maxNotional,uint128 credit,uint32 imPpm,uint64 sequence,uint64 issuedAt,uint64 expiresAt,uint32 epoch,bytes32 inputsHash,bytes32 modelHash,bytes32 paramsHash)"
    );

    /// @notice No book takes certificates that live longer than this.
    uint32 public constant LONGEST_TTL_SECONDS = 300;
    /// @notice No book takes certificates from further ahead than this.
    uint32 public constant FURTHEST_FUTURE_SECONDS = 15;

    uint32 private immutable _minImPpm;
    uint32 private immutable _maxImPpm;
    uint128 private immutable _maxNotional;
    uint128 private immutable _maxCredit;
    uint128 private immutable _bootstrapNotional;
    uint128 private immutable _raisePerHour;

    mapping(address account => mapping(address venue => mapping(bytes32 market => Accepted))) private _accepted;

    /// @notice A certificate holds from now on.
    /// @param credit What the account's credit at the venue is after it, USD × 1e18.
    event LimitAccepted(
        address indexed account,
        address indexed venue,
        bytes32 indexed market,
        Limit limit,
        uint128 credit,
        bytes32 digest
    );

    /// @notice The certificate's life is over.
    error Expired(uint64 expiresAt, uint256 time);
    /// @notice The certificate would live longer than this book allows.
    error TtlTooLong(uint256 seconds_, uint256 allowed);
    /// @notice The raise does not fit the growth bucket; `ceiling` would.
    error RaiseTooLarge(uint128 maxNotional, uint128 ceiling);
    /// @notice The configuration's field named lies outside its bounds.
    error BadConfig(string field);

    constructor(Config memory config_, address owner_, address guardian_, address[] memory signers_, uint256 threshold_)
        Guarded(owner_, guardian_)
        SignerSet(signers_, threshold_)
        EIP712("Plimsoll LimitBook", "1")
        CreditBook(config_.maxTtlSeconds, config_.maxFutureSeconds)
    {
        if (config_.maxTtlSeconds == 0 || config_.maxTtlSeconds > LONGEST_TTL_SECONDS) {
            revert BadConfig("maxTtlSeconds");
        }
        if (config_.maxFutureSeconds > FURTHEST_FUTURE_SECONDS) revert BadConfig("maxFutureSeconds");
        if (config_.minImPpm == 0) revert BadConfig("minImPpm");
        if (config_.maxImPpm < config_.minImPpm) revert BadConfig("maxImPpm");
        if (config_.maxNotional == 0) revert BadConfig("maxNotional");
        if (config_.maxCredit == 0) revert BadConfig("maxCredit");
        if (config_.bootstrapNotional > config_.maxNotional) revert BadConfig("bootstrapNotional");
        if (config_.raisePerHour == 0 || config_.raisePerHour > type(uint128).max / 2) {
            revert BadConfig("raisePerHour");
        }
        _minImPpm = config_.minImPpm;
        _maxImPpm = config_.maxImPpm;
        _maxNotional = config_.maxNotional;
        _maxCredit = config_.maxCredit;
        _bootstrapNotional = config_.bootstrapNotional;
        _raisePerHour = config_.raisePerHour;
    }

    /// @notice Takes a certificate. Anyone may post it: a trader a raise, anybody a cut.
    /// @param limit The certificate.
    /// @param signatures By the signers, ordered by signer address.
    function accept(Limit calldata limit, bytes[] calldata signatures) external whenNotPaused {
        _requireBounds(limit);
        _requireTime(limit);
        _requireEpoch(limit.epoch);
        bytes32 digest = digestOf(limit);
        requireSigned(digest, signatures);

        Accepted storage last = _accepted[limit.account][limit.venue][limit.market];
        if (limit.sequence <= last.sequence) revert Stale(limit.sequence, last.sequence);
        uint128 spent = _spent(last);
        uint128 free = _free(last);
        if (limit.maxNotional > free) {
            uint128 raise = limit.maxNotional - free;
            if (raise > _raisePerHour - spent) revert RaiseTooLarge(limit.maxNotional, _ceiling(last));
            spent += raise;
        }

        // The times were held against this block's clock above, so that 40 bits suffice.
        _accepted[limit.account][limit.venue][limit.market] = Accepted({
            maxNotional: limit.maxNotional,
            sequence: limit.sequence,
            imPpm: limit.imPpm,
            epoch: limit.epoch,
            spent: spent,
            spentAt: uint40(block.timestamp),
            issuedAt: uint40(limit.issuedAt),
            expiresAt: uint40(limit.expiresAt)
        });
        uint128 credit = _raiseCredit(limit.account, limit.venue, limit.credit, limit.issuedAt);
        emit LimitAccepted(limit.account, limit.venue, limit.market, limit, credit, digest);
    }

    /// @notice What a signer signs.
    function digestOf(Limit calldata limit) public view returns (bytes32) {
        return _hashTypedDataV4(keccak256(abi.encode(LIMIT_TYPEHASH, limit)));
    }

    /// @notice What holds for one account, venue and market.
    function limitOf(address account, address venue, bytes32 market) public view returns (Standing memory) {
        Accepted storage last = _accepted[account][venue][market];
        return Standing({
            maxNotional: last.maxNotional,
            imPpm: last.imPpm,
            epoch: last.epoch,
            sequence: last.sequence,
            issuedAt: last.issuedAt,
            expiresAt: last.expiresAt,
            live: last.sequence != 0 && block.timestamp <= last.expiresAt && last.epoch == epoch && !paused(),
            credit: creditOf(account, venue),
            ceiling: _ceiling(last)
        });
    }

    /// @notice What holds for many keys, in their order, in one call.
    function limitsOf(Key[] calldata keys) external view returns (Standing[] memory standings) {
        standings = new Standing[](keys.length);
        for (uint256 i = 0; i < keys.length; ++i) {
            standings[i] = limitOf(keys[i].account, keys[i].venue, keys[i].market);
        }
    }

    /// @notice Greatest `maxNotional` that a certificate accepted now may carry, USD × 1e18.
    function ceilingOf(address account, address venue, bytes32 market) external view returns (uint128) {
        return _ceiling(_accepted[account][venue][market]);
    }

    /// @notice The bounds of this book.
    function config() external view returns (Config memory) {
        return Config({
            maxTtlSeconds: _maxTtlSeconds,
            maxFutureSeconds: _maxFutureSeconds,
            minImPpm: _minImPpm,
            maxImPpm: _maxImPpm,
            maxNotional: _maxNotional,
            maxCredit: _maxCredit,
            bootstrapNotional: _bootstrapNotional,
            raisePerHour: _raisePerHour
        });
    }

    function _requireBounds(Limit calldata limit) private view {
        if (limit.participantId == 0) revert OutOfBounds("participantId");
        if (limit.account == address(0)) revert OutOfBounds("account");
        if (limit.venue == address(0)) revert OutOfBounds("venue");
        if (limit.market == 0) revert OutOfBounds("market");
        if (limit.maxNotional > _maxNotional) revert OutOfBounds("maxNotional");
        if (limit.credit > _maxCredit) revert OutOfBounds("credit");
        if (limit.imPpm < _minImPpm || limit.imPpm > _maxImPpm) revert OutOfBounds("imPpm");
        if (limit.inputsHash == 0) revert OutOfBounds("inputsHash");
        if (limit.modelHash == 0) revert OutOfBounds("modelHash");
        if (limit.paramsHash == 0) revert OutOfBounds("paramsHash");
    }

    function _requireTime(Limit calldata limit) private view {
        if (limit.expiresAt <= limit.issuedAt) revert OutOfBounds("expiresAt");
        if (block.timestamp > limit.expiresAt) revert Expired(limit.expiresAt, block.timestamp);
        uint256 ttl = limit.expiresAt - limit.issuedAt;
        if (ttl > _maxTtlSeconds) revert TtlTooLong(ttl, _maxTtlSeconds);
        _requireNotFromFuture(limit.issuedAt);
    }

    /// @dev What a certificate may grant without drawing on the bucket.
    function _free(Accepted storage last) private view returns (uint128) {
        return last.maxNotional > _bootstrapNotional ? last.maxNotional : _bootstrapNotional;
    }

    /// @dev What the bucket is short of now. Rounded up: it fills down.
    function _spent(Accepted storage last) private view returns (uint128) {
        uint256 refilled = Math.mulDiv(_raisePerHour, block.timestamp - last.spentAt, 1 hours);
        return refilled >= last.spent ? 0 : last.spent - uint128(refilled);
    }

    function _ceiling(Accepted storage last) private view returns (uint128) {
        uint256 reach = uint256(_free(last)) + _raisePerHour - _spent(last);
        return reach < _maxNotional ? uint128(reach) : _maxNotional;
    }
}
